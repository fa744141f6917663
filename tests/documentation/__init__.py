"""The pages in docs/ tell the truth."""
