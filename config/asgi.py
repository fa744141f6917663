"""The web process's entry point."""

import os

import django
from django.conf import settings
from django.utils.module_loading import import_string

from config.checks import refuse_half_configured
from config.database.base import DatabaseWrapper
from config.leaving import LeavesLater
from config.loaded import spare_what_is_loaded
from config.log_lines import tell_of_what_ends
from config.middleware.language import STAFF_PAGES
from config.middleware.web_request import Application
from config.watching.begin import begin
from runtime import clock
from runtime.front.door import Door
from runtime.front.limits import LARGE, SMALL, Limits, Sort

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")

MAX_ELSEWHERE = 4_194_304
"""Bytes of a body that is no order: a mail provider's events are the largest that are expected."""
MAX_FORM = 1_048_576
HELD = 4
"""How many of the largest bodies of a sort a process holds at once."""


def sort(most: int) -> Sort:
    most = min(most, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    return Sort(most, HELD * max(most, LARGE))


django.setup(set_prefix=False)
tell_of_what_ends()
DatabaseWrapper.statement_seconds = settings.WEB_STATEMENT_SECONDS
SORTS = {
    "/notifications/api/": sort(settings.DATA_UPLOAD_MAX_MEMORY_SIZE),
    # Who may report or log in is known only once some of these are read: each has its own room.
    "/notifications/sms/": sort(MAX_ELSEWHERE),
    "/notifications/email/": sort(MAX_ELSEWHERE),
    STAFF_PAGES: sort(MAX_FORM),
}
ELSEWHERE = sort(SMALL)


def sort_of(path: str) -> Sort:
    lower = path.lower()
    return next((sort for start, sort in SORTS.items() if lower.startswith(start)), ELSEWHERE)


door = Door(
    Application(),
    Limits(
        sort_of=sort_of,
        timeout=settings.BODY_SECONDS,
        min_rate=settings.MIN_BODY_RATE,
        threads=settings.WEB_THREADS,
    ),
    # It stands on models, which are there only now.
    import_string("config.middleware.trace.note_turned_away"),
)
application = LeavesLater(door, settings.LEAVING_SECONDS)
refuse_half_configured()
begin()
clock.keep()
spare_what_is_loaded()
