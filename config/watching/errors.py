"""Reports errors to Sentry: what broke and where, never about whom or what.

https://docs.sentry.io/platforms/python/data-management/sensitive-data/
"""

import logging
import re
from typing import Any

import sentry_sdk
from django.conf import settings
from sentry_sdk.integrations.logging import LoggingIntegration

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


def bare(event: Any, hint: Any) -> Any:
    """Only what names code: kinds of errors, files, functions and lines. The words of an error may
    hold the row that PostgreSQL refused, so none are kept."""
    kept = {name: event[name] for name in KEPT if name in event}
    errors = event.get("exception", {}).get("values", [])
    kept["exception"] = {
        "values": [
            {
                "type": code(one.get("type")),
                "module": code(one.get("module")),
                "stacktrace": {
                    "frames": [
                        {name: frame[name] for name in _FRAME if name in frame}
                        for frame in (one.get("stacktrace") or {}).get("frames", [])
                    ]
                },
            }
            for one in errors
        ]
    }
    if not errors:
        kept["message"] = said(hint)
    return kept


def said(hint: Any) -> str:
    """The sentence of a line of our log, which is written in the code; its values are left out."""
    record = hint.get("log_record")
    message = getattr(record, "msg", None)
    sentence = message.get("event") if isinstance(message, dict) else None
    return sentence if isinstance(sentence, str) else "An error was logged."


def code(name: object) -> str:
    return name if isinstance(name, str) and _CODE.fullmatch(name) else ""
