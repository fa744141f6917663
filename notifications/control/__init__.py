"""What staff may do to orders that have not ended: hold, release, stop, retry now."""
