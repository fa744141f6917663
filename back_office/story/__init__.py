"""What happened to an order or a notification, in sentences."""
