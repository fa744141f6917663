"""One order is one trace, from the caller's request to the delivery report."""

from typing import Any
from uuid import UUID

import pytest

from config.watching.spans import span_of
from tests.watching.conftest import CALLER, NUMBER, TEXT, TRACE, Seen


@pytest.fixture
def spans(seen: Seen) -> dict[str, Any]:
    """Those of the order's trace, by name."""
    return {span.name: span for span in seen.spans if span.trace_id.hex() == TRACE}


def test_one_order_has_one_trace_from_the_request_to_the_report(
    seen: Seen, spans: dict[str, Any]
) -> None:
    request = spans["POST notifications/api/v1/orders"]
    assert request.span_id.hex() == seen.answered.split("-")[2]
    assert request.parent_span_id.hex() == CALLER
    assert spans["order"].parent_span_id == request.span_id
    assert int.from_bytes(spans["order"].span_id) == span_of(UUID(seen.order_id))
    for stage in ("process", "send", "report"):
        assert spans[stage].parent_span_id == spans["order"].span_id
        assert request.start_time_unix_nano <= spans[stage].start_time_unix_nano
        assert spans[stage].start_time_unix_nano <= spans[stage].end_time_unix_nano


def test_spans_say_what_was_done_and_nothing_of_whom(seen: Seen, spans: dict[str, Any]) -> None:
    attributes = {one.key: one.value for one in spans["send"].attributes}
    assert attributes["notifications.channel"].string_value == "Sms"
    assert attributes["notifications.accepted"].int_value == 1
    assert attributes["notifications.order"].string_value == seen.order_id
    everything = "".join(map(str, seen.spans))
    assert NUMBER.removeprefix("+47") not in everything
    assert TEXT not in everything
