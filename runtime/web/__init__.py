"""Calls to counterparts on the web: over one kept connection, and nowhere that is not allowed."""
