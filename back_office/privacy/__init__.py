"""What is shown of a person, and to whom."""
