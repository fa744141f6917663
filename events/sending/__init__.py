"""Sending events: claim what waits, call the endpoints, record what they answered."""
