"""How events become lines of the log: one of JSON for each."""

import logging
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import orjson
import psycopg
import structlog
from django.db import DatabaseError
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor

from orders.traces import current_trace
from runtime.database.away import is_about_the_data, sqlstate

_WHOLE = "is_whole_line"
UNSAID = "(the database's words are left out: they hold the row)"


def add_trace_id(_logger: object, _method: str, event: EventDict) -> EventDict:
    """All that is logged of a request shares its trace id (a processor of structlog)."""
    if trace := current_trace.get():
        event.setdefault("trace_id", trace.split("-")[1])
    return event


def tell_exceptions(logger: object, method: str, event: EventDict) -> EventDict:
    """With the stack, but without what PostgreSQL says of values that it refuses: that is the row,
    with addresses and texts in it (a processor of structlog)."""
    error = _error_in(event.get("exc_info"))
    event = structlog.processors.format_exc_info(logger, method, event)
    for one in _with_causes(error):
        if isinstance(one, DatabaseError | psycopg.Error) and is_about_the_data(one):
            for name in ("event", "exception"):
                if isinstance(text := event.get(name), str):
                    event[name] = text.replace(str(one), UNSAID).replace(repr(one), UNSAID)
            event.setdefault("sqlstate", sqlstate(one))
    return event


def _error_in(exc_info: object) -> BaseException | None:
    """As loggers take it: an error, what sys.exc_info() returns, or whether to ask that."""
    if isinstance(exc_info, BaseException):
        return exc_info
    found = exc_info if isinstance(exc_info, tuple) else sys.exc_info() if exc_info else ()
    return next((one for one in found if isinstance(one, BaseException)), None)


def _with_causes(error: BaseException | None) -> Iterator[BaseException]:
    """All that a stack shows."""
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if one is not None and one not in seen:
            seen.append(one)
            waiting += [one.__cause__, one.__context__]
            yield one


SHARED: tuple[Processor, ...] = (
    add_trace_id,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    tell_exceptions,
)
"""What becomes of every event, ours and the libraries'."""


def tell_of_what_ends() -> None:
    """An exception that nobody caught is one line, too, and so is a warning of Python's."""
    logging.captureWarnings(True)
    logger = structlog.get_logger("config.log_lines")

    def told(what: str, error: BaseException | None) -> None:
        logger.critical(what, exc_info=error)

    sys.excepthook = lambda kind, error, trace: told("The process ends", error)
    threading.excepthook = lambda of: told("A thread ends", of.exc_value)


def log_whole(logger: logging.Logger, event: str, **values: str | float | None) -> None:
    """Logs what each request says, at a third of what structlog takes: nobody looks for the caller
    on the stack, and no processor after the other has a turn."""
    if not logger.isEnabledFor(logging.INFO):
        return
    line: dict[str, str | float | datetime | None] = {
        **values,
        "event": event,
        "trace_id": current_trace.get().split("-")[1],
        "logger": logger.name,
        "level": "info",
    }
    record = logging.LogRecord(logger.name, logging.INFO, "", 0, line, (), None)
    line["timestamp"] = datetime.fromtimestamp(record.created, UTC)
    record.__dict__[_WHOLE] = True
    logger.handle(record)


class JsonLines(ProcessorFormatter):
    """structlog's, but for lines that are whole."""

    def __init__(self) -> None:
        super().__init__(processor=structlog.processors.JSONRenderer(), foreign_pre_chain=SHARED)

    def format(self, record: logging.LogRecord) -> str:
        if _WHOLE in record.__dict__:
            return orjson.dumps(record.msg, option=orjson.OPT_UTC_Z).decode()
        return super().format(record)
