"""Examines an installation: everything it needs, one finding each, and what to do about it."""
