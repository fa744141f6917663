"""What things are called on the desk."""
