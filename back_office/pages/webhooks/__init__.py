"""Webhooks of service owners, and what was posted to them."""
