"""Deeds of staff, and the pages on which they are done."""
