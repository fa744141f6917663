"""Sending a notification once more, as a new one."""
