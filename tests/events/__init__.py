"""What service owners are told by webhook."""
