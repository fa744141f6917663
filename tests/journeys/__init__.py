"""What users do, from the request to the message as it was received."""
