"""OUTCOMES: one message to one address, and what became of it."""
