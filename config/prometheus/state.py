"""The state of the whole installation for Prometheus, read from the database now and then."""

import threading
import time
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from django.db import Error, connection, transaction
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from config.prometheus import families as metrics_families
from config.prometheus import keys, outcomes
from config.prometheus.families import number
from runtime import clock

logger = structlog.get_logger(__name__)

FRESH_SECONDS = 5.0
MAX_STATEMENT_TIME = "2s"


@dataclass(slots=True)
class Page:
    """However often this process is asked, the database is asked only now and then; who comes
    meanwhile waits for that answer."""

    _text: bytes = b""
    _read_at: float = float("-inf")
    _reading: threading.Lock = field(default_factory=threading.Lock)

    def text(self) -> bytes:
        with self._reading:
            if time.monotonic() - self._read_at >= FRESH_SECONDS:
                self._text = read(now=clock.now())
                self._read_at = time.monotonic()
            return self._text


page = Page()


def read(*, now: datetime) -> bytes:
    """The state at this moment; while the database is away, only that it is."""
    begun = time.monotonic()
    families = _families(now=now)
    families += [
        number("state_up", "Whether the database could be read.", bool(families)),
        number("state_read_seconds", "How long that took.", time.monotonic() - begun),
    ]
    registry = CollectorRegistry()
    registry.register(_Found(families))
    return generate_latest(registry)


def _families(*, now: datetime) -> list[Metric]:
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = '{MAX_STATEMENT_TIME}'")
            parts = (metrics_families, outcomes, keys)
            return [family for part in parts for family in part.all_of(now=now)]
    except Error as error:
        logger.warning("The state for Prometheus could not be read", reason=type(error).__name__)
        return []


class _Found(Collector):
    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> list[Metric]:
        return self._families
