"""What keeps the tables in order: the sweep and the purge."""
