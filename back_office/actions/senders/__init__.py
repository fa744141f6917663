"""Senders that are asked for, checked, verified and revoked."""
