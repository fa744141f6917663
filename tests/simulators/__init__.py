"""The outside world in its real wire formats: registers, tokens, SMS gateway, mail, readers."""
