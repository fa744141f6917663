"""Reports errors to Sentry: what broke and where, never about whom or what.

https://docs.sentry.io/platforms/python/data-management/sensitive-data/
"""

import logging
import re
from typing import TypeAlias, cast

import sentry_sdk
from django.conf import settings
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.types import Event, Hint

Fields: TypeAlias = dict[str, object]

KEPT = ("event_id", "timestamp", "level", "platform", "release", "environment", "logger", "sdk")
"""Of an event's own fields. Everything else may hold what a request or a row said."""
_FRAME = ("filename", "function", "module", "lineno", "in_app")
_CODE = re.compile(r"[A-Za-z_][\w.]*")


def begin() -> None:
    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        environment=settings.ENVIRONMENT_NAME,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        default_integrations=False,
        integrations=[LoggingIntegration(level=None, event_level=logging.ERROR)],
        traces_sample_rate=0.0,
        auto_session_tracking=False,
        send_client_reports=False,
        server_name="",
        before_send=bare,
    )


def bare(event: Event, hint: Hint) -> Event:
    """Only what names code: kinds of errors, files, functions and lines. The words of an error may
    hold the row that PostgreSQL refused, so none are kept."""
    given = cast(Fields, event)
    kept: Fields = {name: given[name] for name in KEPT if name in given}
    errors = cast("dict[str, list[Fields]]", given.get("exception") or {}).get("values") or []
    kept["exception"] = {"values": [_error(one) for one in errors]}
    if not errors:
        kept["message"] = said(hint)
    return cast(Event, kept)


def _error(given: Fields) -> Fields:
    stack = cast("dict[str, list[Fields]]", given.get("stacktrace") or {})
    frames = [
        {name: frame[name] for name in _FRAME if name in frame}
        for frame in stack.get("frames") or []
    ]
    return {
        "type": code(given.get("type")),
        "module": code(given.get("module")),
        "stacktrace": {"frames": frames},
    }


def said(hint: Hint) -> str:
    """The sentence of a line of our log, which is written in the code; its values are left out."""
    message = getattr(hint.get("log_record"), "msg", None)
    sentence = message.get("event") if isinstance(message, dict) else None
    return sentence if isinstance(sentence, str) else "An error was logged."


def code(name: object) -> str:
    return name if isinstance(name, str) and _CODE.fullmatch(name) else ""
