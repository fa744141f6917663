"""What staff see and do in the back office, in a real browser on the running system."""
