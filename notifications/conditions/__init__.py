"""Whether a due order is still to be sent: its sender's endpoint says so."""
