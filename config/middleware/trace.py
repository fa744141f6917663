"""Gives each request a trace id, and the log one line about each of the API."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from config.log_lines import log_whole
from config.prometheus import request_metrics
from orders.creators import Caller
from orders.traces import Answered, current_orders, current_trace, telling
from runtime import clock
from runtime.front.answers import TELLS
from runtime.front.refusals import TurnedAway
from runtime.traces import HEADER, TRACEPARENT, continued_or_new

logger = logging.getLogger(__name__)

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
            note = partial(self.note, request, seconds=time.perf_counter() - begun)
            if (tells := request.META.get(TELLS)) is None:
                note(response.status_code)
            else:
                tells.append(partial(copy_context().run, note))
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


def note_turned_away(turned: TurnedAway) -> None:
    """What the door answers by itself no middleware sees: it is counted and logged here."""
    status = turned.refusal.status
    request_metrics.count(turned.method, None, status, seconds=turned.seconds)
    token = current_trace.set(turned.trace_id)
    try:
        log_whole(
            logger,
            "Request turned away at the door",
            method=turned.method,
            status=status,
            reason=turned.refusal.sentence,
            milliseconds=round(turned.seconds * 1000, 1),
        )
    finally:
        current_trace.reset(token)


def current_trace_id() -> str:
    """The trace id of the request in hand, in the form that error bodies show it."""
    return current_trace.get() or continued_or_new("")


def _route(request: HttpRequest) -> str | None:
    return request.resolver_match.route if request.resolver_match else None


def _answered(request: HttpRequest, status: int, *, seconds: float) -> Answered:
    _, trace_id, span_id, _ = current_trace.get().split("-")
    caller = TRACEPARENT.fullmatch(request.headers.get("traceparent", "").strip())
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
