"""Entry points that need no set-up."""
