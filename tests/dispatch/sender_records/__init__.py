"""What the DNS says of senders."""
