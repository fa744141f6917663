"""Whom messages are from: what a service owner may name, and what phones show of it."""
