"""INTENT: what to say, to whom, and when."""
