"""The message endpoints, seen from inside."""
