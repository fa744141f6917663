"""The senders of service owners."""
