"""Instant orders: one message that leaves while its sender waits for the answer."""
