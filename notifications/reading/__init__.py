"""What service owners read of their orders' notifications."""
