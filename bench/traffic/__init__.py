"""What is sent to the system and to its references, and who takes what they send."""
