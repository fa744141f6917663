"""Webhooks that are paused and resumed, and events that are delivered again."""
