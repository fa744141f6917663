"""A due order becomes notifications."""
