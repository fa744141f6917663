"""The background jobs."""
