"""Trace ids, and the one line that is logged about a request."""

import json
import logging
import re
from typing import Any

import pytest
import structlog
from django.test import Client

from config.log_lines import JsonLines, log_whole
from config.middleware.trace import continued_or_new, current_trace_id
from orders.traces import current_trace

TRACE, SPAN = "24d7cbf2a13f938741e8d2351d535556", "2c30279c4891e50f"
MOMENT = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
NEW = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-00")


@pytest.mark.parametrize(
    ("traceparent", "flags"),
    [
        (f"00-{TRACE}-{SPAN}-00", "00"),
        (f"00-{TRACE}-{SPAN}-01", "01"),
        (f"00-{TRACE}-{SPAN}-fe", "00"),
        (f" 00-{TRACE}-{SPAN}-01 ", "01"),
        (f"01-{TRACE}-{SPAN}-01-what-comes-later", "01"),
    ],
)
def test_a_valid_trace_goes_on_with_a_span_of_its_own(traceparent: str, flags: str) -> None:
    version, trace, span, sampled = continued_or_new(traceparent).split("-")
    assert (version, trace, sampled) == ("00", TRACE, flags)
    assert re.fullmatch("[0-9a-f]{16}", span)
    assert span != SPAN


@pytest.mark.parametrize(
    "traceparent",
    [
        "",
        "garbage",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01-more",
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE}-{SPAN}-01,00-{TRACE}-{SPAN}-01",
    ],
)
def test_anything_else_begins_a_new_trace(traceparent: str) -> None:
    begun = continued_or_new(traceparent)
    assert NEW.fullmatch(begun)
    assert TRACE not in begun


def test_outside_of_a_request_there_is_no_trace_to_share() -> None:
    assert current_trace_id() != current_trace_id()


def logged(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    records = [record.msg for record in caplog.records if record.name == "config.middleware.trace"]
    return [message for message in records if isinstance(message, dict)]


def test_a_request_is_logged_once_by_its_route_without_what_the_caller_wrote(
    caplog: pytest.LogCaptureFixture,
) -> None:
    traceparent = {"traceparent": f"00-{TRACE}-{SPAN}-01"}
    path = "/notifications/api/v1/orders/4799999999/notifications/sms?nin=01838510058"
    Client().get(path, headers=traceparent)
    (line,) = logged(caplog)
    assert line["event"] == "API request answered"
    assert line["method"] == "GET"
    assert line["route"] == "notifications/api/v1/orders/<str:id>/notifications/sms"
    assert line["status"] == 401
    assert line["trace_id"] == TRACE
    assert line["milliseconds"] >= 0
    assert line["creator"] is None
    assert "4799999999" not in str(line)
    assert "01838510058" not in str(line)


def test_an_unknown_address_is_logged_without_it(caplog: pytest.LogCaptureFixture) -> None:
    Client().get("/notifications/01838510058")
    (line,) = logged(caplog)
    assert (line["status"], line["route"]) == (404, None)
    assert "01838510058" not in str(line)


def test_what_is_not_the_api_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    Client().get("/health")
    assert logged(caplog) == []


def written_out(caplog: pytest.LogCaptureFixture, formatter: logging.Formatter) -> list[Any]:
    return [json.loads(formatter.format(record)) for record in caplog.records]


def test_the_line_of_a_request_looks_like_every_other(caplog: pytest.LogCaptureFixture) -> None:
    console = next(
        one.formatter
        for one in logging.getLogger().handlers
        if isinstance(one.formatter, JsonLines)
    )
    trace = current_trace.set(f"00-{TRACE}-{SPAN}-01")
    log_whole(logging.getLogger("config.one"), "Done", status=200, creator=None)
    structlog.get_logger("config.one").info("Done", status=200, creator=None)
    current_trace.reset(trace)
    structlog.get_logger("config.one").info("Beside")
    whole, usual, beside = written_out(caplog, console)
    assert whole.keys() == usual.keys()
    assert MOMENT.fullmatch(whole.pop("timestamp"))
    assert MOMENT.fullmatch(usual.pop("timestamp"))
    assert whole == usual
    assert "trace_id" not in beside


def test_the_line_of_a_request_heeds_the_level(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="config.middleware.trace"):
        Client().get("/notifications/api/v1/orders")
    assert logged(caplog) == []
