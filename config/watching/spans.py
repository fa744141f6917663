"""Tells an OpenTelemetry collector of requests and of the stages of their orders, as spans.

One trace for each order, from the request that placed it on (decision 42):

    POST .../orders            the span that X-Trace-Id names
    └─ order                   its span id is the end of the order's id
       ├─ process  ├─ send  └─ report     one for each batch of a stage

https://opentelemetry.io/docs/specs/otel/trace/api/
"""

import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from django.conf import settings
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import IdGenerator, RandomIdGenerator
from opentelemetry.sdk.trace.sampling import TraceIdRatioBased
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)

from orders.traces import Answered, Stage, telling

SERVICE = "notifications"
MAX_WAITING = 8_192
"""Spans; when the collector is slow or away, more of them are dropped."""
KINDS = {"send": SpanKind.CLIENT, "report": SpanKind.CONSUMER}


class GivenIds:
    """Ids that are known before the span is told of; the library's interface of an IdGenerator."""

    def __init__(self) -> None:
        self._random = RandomIdGenerator()
        self._given = threading.local()

    def give(self, *, trace_id: int, span_id: int | None = None) -> None:
        self._given.trace_id, self._given.span_id = trace_id, span_id

    def generate_trace_id(self) -> int:
        trace_id: int = self._given.trace_id
        return trace_id

    def generate_span_id(self) -> int:
        span_id: int | None = self._given.span_id
        return span_id or int(self._random.generate_span_id())

    def is_trace_id_random(self) -> bool:
        """Callers choose theirs as they like."""
        return False


class Spans:
    """Called by any thread; a thread of the library's own hands on what was told."""

    def __init__(self, endpoint: str, *, headers: str, share: float) -> None:
        self._ids = GivenIds()
        self._provider = TracerProvider(
            # By the trace's id, so that all processes decide alike.
            sampler=TraceIdRatioBased(share),
            resource=Resource({"service.name": SERVICE}),
            id_generator=cast(IdGenerator, self._ids),
        )
        exporter = OTLPSpanExporter(
            f"{endpoint.rstrip('/')}/v1/traces",
            headers=dict(pair.strip().split("=", 1) for pair in headers.split(",") if pair.strip()),
        )
        self._provider.add_span_processor(BatchSpanProcessor(exporter, max_queue_size=MAX_WAITING))
        self._tracer = self._provider.get_tracer(SERVICE)

    def stages(self, stages: Sequence[Stage], /) -> None:
        for stage in stages:
            if stage.of.trace_id is not None:
                self._span(
                    stage.name,
                    stage.of.trace_id.int,
                    parent=span_of(stage.of.order_id),
                    began=stage.began,
                    ended=stage.ended,
                    attributes={"notifications.order": str(stage.of.order_id)}
                    | {f"notifications.{name}": value for name, value in stage.counted.items()},
                    kind=KINDS.get(stage.name, SpanKind.INTERNAL),
                    has_failed=stage.has_failed,
                )

    def answered(self, request: Answered, /) -> None:
        """A request, and the orders that it placed."""
        trace_id, span_id = int(request.trace_id, 16), int(request.span_id, 16)
        attributes: dict[str, str | int] = {
            "http.request.method": request.method,
            "http.response.status_code": request.status,
        }
        if request.route:
            attributes["http.route"] = request.route
        if request.creator:
            attributes["notifications.creator"] = request.creator
        self._span(
            f"{request.method} {request.route or ''}".strip(),
            trace_id,
            span_id=span_id,
            parent=int(request.parent_id, 16) if request.parent_id else None,
            began=request.began,
            ended=request.ended,
            attributes=attributes,
            kind=SpanKind.SERVER,
            has_failed=request.status >= 500,
        )
        for order_id in request.orders:
            self._span(
                "order",
                trace_id,
                span_id=span_of(order_id),
                parent=span_id,
                began=request.began,
                ended=request.ended,
                attributes={"notifications.order": str(order_id)},
            )

    def _span(
        self,
        name: str,
        trace_id: int,
        *,
        parent: int | None,
        began: datetime,
        ended: datetime,
        attributes: Mapping[str, str | int],
        span_id: int | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        has_failed: bool = False,
    ) -> None:
        self._ids.give(trace_id=trace_id, span_id=span_id)
        above = (
            SpanContext(trace_id, parent, is_remote=True, trace_flags=TraceFlags(1))
            if parent
            else None
        )
        context = set_span_in_context(NonRecordingSpan(above)) if above else None
        span = self._tracer.start_span(
            name, context, kind=kind, attributes=attributes, start_time=nanoseconds(began)
        )
        if has_failed:
            span.set_status(Status(StatusCode.ERROR))
        span.end(nanoseconds(ended))

    def flush(self) -> None:
        self._provider.force_flush()


def begin() -> None:
    spans = Spans(
        settings.OTEL_EXPORTER_OTLP_ENDPOINT,
        headers=settings.OTEL_EXPORTER_OTLP_HEADERS,
        share=settings.OTEL_TRACES_SAMPLER_ARG,
    )
    telling.sink, telling.requests = spans.stages, spans.answered


def span_of(order_id: UUID) -> int:
    """Known in every process without a column of its own: the random end of the order's id."""
    return order_id.int & (2**64 - 1)


def nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000) * 1_000
