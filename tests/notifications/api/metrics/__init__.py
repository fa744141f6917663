"""The metrics of months and days."""
