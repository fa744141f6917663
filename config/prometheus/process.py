"""What this process has counted, in Prometheus' text format, and who may read it."""

import os
from collections.abc import Iterator, Mapping

from django.conf import settings
from django.db import connection
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from config.lone_counters import SHARED_FOLDER
from runtime import clock
from runtime.shared_secrets import is_one_of

CONTENT_TYPE = CONTENT_TYPE_LATEST

_LOOPBACK = ("127.0.0.1", "::1")
_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")


def may_read(environ: Mapping[str, object]) -> bool:
    """Whether the request, given as WSGI's variables, brings METRICS_TOKEN; if none is set, whether
    it comes from this machine."""
    if settings.METRICS_TOKEN:
        scheme, _, token = str(environ.get("HTTP_AUTHORIZATION", "")).partition(" ")
        good = (settings.METRICS_TOKEN, *settings.METRICS_TOKEN_FALLBACKS)
        return scheme == "Bearer" and is_one_of(token.encode(), good)
    return is_from_this_machine(environ)


def is_from_this_machine(environ: Mapping[str, object]) -> bool:
    """Itself, and not through a proxy on it."""
    return environ.get("REMOTE_ADDR") in _LOOPBACK and not any(map(environ.get, _FORWARDED))


def counted() -> bytes:
    """The counters, of every process that shares the folder, and this process's own pool and
    clock."""
    registry = REGISTRY
    if os.environ.get(SHARED_FOLDER):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    return generate_latest(registry) + generate_latest(_own)


class PoolUse(Collector):
    """How much of its database pool this process uses."""

    def collect(self) -> Iterator[Metric]:
        stats = _pool_stats()
        for name, about, key in (
            ("size", "Connections this process holds.", "pool_size"),
            ("available", "Connections held and idle.", "pool_available"),
            ("max", "Connections this process may hold (DATABASE_POOL_SIZE).", "pool_max"),
            ("waiting", "Threads that wait for a connection.", "requests_waiting"),
            ("errors", "Threads that waited in vain, since the start.", "requests_errors"),
        ):
            yield GaugeMetricFamily(
                f"notifications_database_pool_{name}", about, value=stats.get(key, 0)
            )


def _pool_stats() -> dict[str, int]:
    pool = getattr(connection, "pool", None)
    return pool.get_stats() if pool is not None else {}


class ClockSkew(Collector):
    """How wrong this process's machine is about the time."""

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "notifications_clock_skew_seconds",
            "By how much this machine's clock is ahead of the database's.",
            value=clock.skew(),
        )


_own = CollectorRegistry()
_own.register(PoolUse())
_own.register(ClockSkew())
