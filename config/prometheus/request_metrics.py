"""How many requests the API answered, how, and how long they took, for Prometheus."""

from functools import cache

from prometheus_client import Histogram

_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})

_SECONDS = Histogram(
    "notifications_http_request_seconds",
    "Requests to the API by route, not path, and by status.",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)


def count(method: str, route: str | None, status: int, *, seconds: float) -> None:
    """Methods that callers make up are counted as one."""
    _series(method if method in _METHODS else "other", route or "unknown", status).observe(seconds)


@cache
def _series(method: str, route: str, status: int) -> Histogram:
    """Looking a series up by its labels costs as much as counting."""
    return _SECONDS.labels(method, route, str(status))
