"""Tells the reasons that the pipeline wrote down: its own sentences in the reader's language."""

from django.utils.translation import gettext


def told(reason: str) -> str:
    """What was quoted from gateways and registers stays as it came."""
    return gettext(reason) if reason else ""
