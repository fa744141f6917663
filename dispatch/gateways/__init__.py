"""The ways out: one transport for each channel of messages."""
