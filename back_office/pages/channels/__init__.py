"""The channels and their pauses."""
