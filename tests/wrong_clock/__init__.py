"""Processes whose machine has a wrong time of day."""
