"""What became of notifications, and of the orders that they complete."""
