"""Trace ids, and the one line that is logged about a request."""

import json
import logging
import re
from typing import Any

import pytest
import structlog
from django.test import Client
from prometheus_client import REGISTRY

from config.log_lines import JsonLines, log_whole
from config.middleware.trace import current_trace_id, note_turned_away
from orders.traces import current_trace
from runtime.front.answers import TELLS, Tell
from runtime.front.refusals import LENGTH_REQUIRED, TurnedAway

TRACE, SPAN = "24d7cbf2a13f938741e8d2351d535556", "2c30279c4891e50f"
MOMENT = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


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


def test_what_is_logged_is_the_status_that_the_door_gives(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tells = list[Tell]()
    environ: dict[str, Any] = {TELLS: tells}
    answer = Client(**environ).get("/notifications/api/v1/orders")
    assert logged(caplog) == []
    (tell,) = tells
    tell(503)
    (line,) = logged(caplog)
    assert line["status"] == 503
    assert line["trace_id"] == answer.headers["X-Trace-Id"].split("-")[1]


def test_who_is_turned_away_at_the_door_is_counted_and_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def counted() -> float:
        labels = {"method": "POST", "route": "unknown", "status": "411"}
        name = "notifications_http_request_seconds_count"
        return REGISTRY.get_sample_value(name, labels) or 0

    before = counted()
    note_turned_away(TurnedAway("POST", LENGTH_REQUIRED, f"00-{TRACE}-{SPAN}-00", 0.2))
    (line,) = logged(caplog)
    assert (line["status"], line["milliseconds"], line["trace_id"]) == (411, 200.0, TRACE)
    assert counted() == before + 1


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
