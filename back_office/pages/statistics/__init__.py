"""How many notifications there were, of whom, and what became of them."""
