"""Placing an order: read, looked up, stored, and answered once however often it is sent."""
