"""What is waiting, late, paused or failed; desk, metrics and doctor ask here."""
