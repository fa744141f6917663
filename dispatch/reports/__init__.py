"""Delivery reports: stored, matched, applied, replayed."""
