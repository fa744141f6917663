"""The least that could do the work: what the system's rate is compared with."""
