"""What dispatch serves to service owners."""
