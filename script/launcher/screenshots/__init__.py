"""script/screenshots: the pictures of the documentation, and the examples that they show."""
