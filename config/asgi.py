"""The web process's entry point."""

import os

import django
from django.conf import settings

from config.checks import refuse_half_configured
from config.loaded import spare_what_is_loaded
from config.web_request import Application
from runtime import clock
from runtime.front.door import Door
from runtime.front.limits import Limits

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")

ORDERS = "/notifications/api/"
MOST_ELSEWHERE = 4_194_304
"""Bytes of a body that is no order: a mail provider's events are the largest that are expected."""
HELD = 4
"""How many of the largest bodies a process holds at once."""


def most_bytes(path: str) -> int:
    """How long the body of a request for the path may be."""
    most: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return most if path.lower().startswith(ORDERS) else min(most, MOST_ELSEWHERE)


django.setup(set_prefix=False)
application = Door(
    Application(),
    Limits(
        most_bytes=most_bytes,
        most_held=HELD * max(settings.DATA_UPLOAD_MAX_MEMORY_SIZE, MOST_ELSEWHERE),
        patience=settings.BODY_SECONDS,
        least_rate=settings.BODY_LEAST_RATE,
        threads=settings.WEB_THREADS,
    ),
)
refuse_half_configured()
clock.keep()
spare_what_is_loaded()
