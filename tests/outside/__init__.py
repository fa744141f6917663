"""The simulated outside world keeps to the wire formats of the real one."""
