"""Orders: the list, the page, and its buttons."""
