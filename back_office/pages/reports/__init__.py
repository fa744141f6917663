"""Delivery reports and failed attempts."""
