"""Counting what each day had."""
