"""What is written in an order: its keywords, and how a text is and counts as SMS."""
