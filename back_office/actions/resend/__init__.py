"""Notifications that are sent again: chosen ones, or all of an order that failed."""
