"""What each setting may be, and what is said of one that is not."""
