"""Gives each request a trace id, and the log one line about each of the API."""

import logging
import re
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from config.log_lines import log_whole
from config.prometheus import request_metrics
from orders.creators import Caller
from orders.traces import Answered, current_orders, current_trace, telling
from runtime import clock

logger = logging.getLogger(__name__)

# https://www.w3.org/TR/trace-context/#traceparent-header; later versions may append fields.
_TRACEPARENT = re.compile(
    r"(?!ff)(?P<version>[0-9a-f]{2})"
    r"-(?!0{32})(?P<trace>[0-9a-f]{32})"
    r"-(?!0{16})(?P<span>[0-9a-f]{16})"
    r"-(?P<flags>[0-9a-f]{2})(?P<later>-.*)?"
)
HEADER = "X-Trace-Id"
# A request that is parked comes by once more, under the same trace.
_BEGUN = "trace.begun"


class TraceRequests:
    """The answer to a request and the log lines about it share its trace id."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun, trace_id = request.META.setdefault(
            _BEGUN, (time.perf_counter(), continued_or_new(request.headers.get("traceparent", "")))
        )
        token = current_trace.set(trace_id)
        current_orders.set(())
        try:
            response = self.get_response(request)
            response.headers[HEADER] = trace_id
            self.note(request, response.status_code, seconds=time.perf_counter() - begun)
            return response
        finally:
            current_trace.reset(token)

    def note(self, request: HttpRequest, status: int, *, seconds: float) -> None:
        """Nothing: staff's pages have a log of their own, and others are asked too often."""


class TraceApiRequests(TraceRequests):
    """Neither query strings nor identifiers in paths are logged: the route's template says
    enough."""

    def note(self, request: HttpRequest, status: int, *, seconds: float) -> None:
        route = _route(request)
        request_metrics.count(request.method or "", route, status, seconds=seconds)
        log_whole(
            logger,
            "API request answered",
            method=request.method,
            route=route,
            status=status,
            milliseconds=round(seconds * 1000, 1),
            creator=_creator(request),
            **_order(request),
        )
        if telling.requests is not None:
            telling.requests(_answered(request, status, seconds=seconds))


def current_trace_id() -> str:
    """The trace id of the request in hand, in the form that error bodies show it."""
    return current_trace.get() or continued_or_new("")


def continued_or_new(traceparent: str) -> str:
    """The caller's trace with a span of our own; a new trace where the header is absent or not
    valid."""
    span = secrets.token_hex(8)
    parent = _TRACEPARENT.fullmatch(traceparent.strip())
    if parent is None or (parent["version"] == "00" and parent["later"]):
        return f"00-{secrets.token_hex(16)}-{span}-00"
    sampled = int(parent["flags"], 16) & 1
    return f"00-{parent['trace']}-{span}-{sampled:02x}"


def _route(request: HttpRequest) -> str | None:
    return request.resolver_match.route if request.resolver_match else None


def _answered(request: HttpRequest, status: int, *, seconds: float) -> Answered:
    _, trace_id, span_id, _ = current_trace.get().split("-")
    caller = _TRACEPARENT.fullmatch(request.headers.get("traceparent", "").strip())
    goes_on = caller is not None and caller["trace"] == trace_id
    ended = clock.as_known()
    return Answered(
        trace_id,
        span_id,
        parent_id=caller["span"] if caller and goes_on else "",
        method=request.method or "",
        route=_route(request),
        status=status,
        creator=_creator(request),
        began=ended - timedelta(seconds=seconds),
        ended=ended,
        orders=current_orders.get(),
    )


def _order(request: HttpRequest) -> dict[str, str]:
    """The order that the request has placed or named; what else callers write for its id is not
    repeated."""
    if placed := current_orders.get():
        return {"order": str(placed[0])}
    named = request.resolver_match.kwargs.get("id") if request.resolver_match else None
    with suppress(ValueError, TypeError):
        return {"order": str(UUID(str(named)))} if named else {}
    return {}


def _creator(request: HttpRequest) -> str | None:
    caller = getattr(request, "auth", None)
    return caller.creator_name if isinstance(caller, Caller) else None
