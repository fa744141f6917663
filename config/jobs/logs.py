"""What workers and beat say about themselves goes to the log, as all else does."""

import logging
import os
from typing import Protocol

import django
import orjson
from celery import Celery
from celery.apps import worker as celery_worker
from celery.apps.beat import Beat

from config.log_lines import tell_of_what_ends
from runtime import clock

STDERR = 2


class Worker(Protocol):
    """Celery's, as far as it is told."""

    quiet: bool


class QuietBeat(Beat):
    """Without the banner, which is no line of the log."""

    def run(self) -> None:
        self.quiet = True
        super().run()


def be_quiet(*, instance: Worker, **_signal: object) -> None:
    """The same of a worker, from its first word on."""
    django.setup(set_prefix=False)
    tell_of_what_ends()
    instance.quiet = True
    vars(celery_worker)["safe_say"] = say


def keep_ours(app: Celery) -> None:
    """In place of what Celery would set up: Django's settings have said how lines look and which
    are written. What a library prints becomes a line of the log."""
    app.log.redirect_stdouts(logging.WARNING)
    tell_of_what_ends()


def say(message: str, *_stream: object) -> None:
    """What a worker says while it handles a signal, where the log may not be used: whatever was
    interrupted may be writing a line."""
    now = clock.as_known()
    line = {"event": message, "logger": "celery", "level": "warning", "timestamp": now}
    os.write(STDERR, orjson.dumps(line, option=orjson.OPT_UTC_Z) + b"\n")
