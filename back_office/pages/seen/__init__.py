"""Who has seen somebody's data."""
