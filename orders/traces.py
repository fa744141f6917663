"""The trace of an order: what was asked, processed, sent and reported shares one id.

https://www.w3.org/TR/trace-context/: the caller's where its request brought one.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from runtime.database import sql

current_trace: ContextVar[str] = ContextVar("current_trace", default="")
"""That of the request in hand, as traceparent spells it."""
current_orders: ContextVar[tuple[UUID, ...]] = ContextVar("current_orders", default=())
"""Those that the request in hand has placed."""


@dataclass(frozen=True, slots=True)
class Traced:
    """An order and its trace; none where it was placed before there were any."""

    order_id: UUID
    trace_id: UUID | None


@dataclass(frozen=True, slots=True)
class Stage:
    """What one batch of a stage did for one order, from `began` to `ended`. `counted` never says
    who anybody is or what a text says."""

    name: str
    of: Traced
    began: datetime
    ended: datetime
    counted: Mapping[str, str | int] = field(default_factory=dict)
    has_failed: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """A request and the orders that it placed. Ids are in hexadecimal; `parent_id` is the
    caller's span, if it told of one."""

    trace_id: str
    span_id: str
    parent_id: str
    method: str
    route: str | None
    status: int
    creator: str | None
    began: datetime
    ended: datetime
    orders: Sequence[UUID]


class Sink(Protocol):
    """Where stages go; must not wait."""

    def __call__(self, stages: Sequence[Stage], /) -> None: ...


class RequestSink(Protocol):
    """Where requests go; must not wait."""

    def __call__(self, request: Answered, /) -> None: ...


class Telling:
    """Nowhere, until the process that tells is set up to."""

    sink: Sink | None = None
    requests: RequestSink | None = None


telling = Telling()


def trace_in_hand() -> UUID | None:
    """The id alone, as orders keep it."""
    trace = current_trace.get()
    return UUID(trace[3:35]) if trace else None


def about(orders: Iterable[Traced]) -> dict[str, str | int]:
    """What a line of the log says of those that it is about: which one, or how many."""
    several = {one.order_id: one.trace_id for one in orders}
    if len(several) != 1:
        return {"orders": len(several)}
    [(order_id, trace_id)] = several.items()
    return {"order": str(order_id), **({"trace_id": trace_id.hex} if trace_id else {})}


def of_orders(order_ids: Iterable[UUID]) -> dict[UUID, Traced]:
    """Asked where few orders are concerned, or somebody follows traces."""
    rows = sql.rows(_TRACES, ids=list(set(order_ids)))
    return {order_id: Traced(order_id, trace_id) for order_id, trace_id in rows}


_TRACES = "SELECT id, trace_id FROM orders_order WHERE id = ANY(%(ids)s::uuid[])"
