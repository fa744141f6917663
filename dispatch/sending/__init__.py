"""Claim, hand over, record: how ready notifications leave."""
