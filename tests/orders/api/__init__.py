"""The order endpoints, seen from inside."""
