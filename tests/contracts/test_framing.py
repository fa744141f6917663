"""Addresses, methods, empty answers, and bodies on the wire."""

import http.client
from collections.abc import Iterator

import pytest

from script.launcher.system.running_system import BASE
from tests.contracts.requests import order
from tests.contracts.service import Service, is_empty
from tests.contracts.tokens import Cast

MAX_BYTES = 30_000_000
ORDER_ID = "f1a1cc30-197f-4f34-8304-006ce4945fd1"


@pytest.mark.parametrize("path", ["/health", "/health/", "/Health", "/HEALTH/"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_health_needs_nothing(service: Service, method: str, path: str) -> None:
    answer = service.call(method, path)
    assert answer.status == 200
    assert answer.body == (b"Healthy" if method == "GET" else b"")
    assert answer.headers.get_content_type() == "text/plain"
    assert "no-cache" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/ready", "/Ready/"])
def test_readiness_needs_nothing(service: Service, path: str) -> None:
    answer = service.call("GET", path)
    assert (answer.status, answer.body) == (200, b"Ready")
    assert "no-cache" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/orders"),
        ("POST", "/orders/email"),
        ("POST", "/orders/sms"),
        ("GET", "/orders"),
        ("GET", f"/orders/{ORDER_ID}"),
        ("GET", f"/orders/{ORDER_ID}/status"),
        ("PUT", f"/orders/{ORDER_ID}/cancel"),
        ("GET", f"/orders/{ORDER_ID}/notifications/email"),
        ("GET", f"/orders/{ORDER_ID}/notifications/sms"),
        ("GET", f"/order/{ORDER_ID}"),
        ("GET", f"/order/{ORDER_ID}/notifications/email"),
        ("GET", f"/order/{ORDER_ID}/notifications/sms"),
    ],
)
def test_an_address_may_be_spelled_in_any_case_and_with_a_slash(
    service: Service, method: str, path: str
) -> None:
    for spelled in (BASE + path, f"{BASE}{path}/", (BASE + path).upper(), (BASE + path).title()):
        answer = service.call(method, spelled)
        assert answer.status == 401
        assert is_empty(answer)


@pytest.mark.parametrize("below", ["", "/notifications/email", "/notifications/sms"])
def test_an_order_is_read_under_both_spellings_of_the_address(service: Service, below: str) -> None:
    order_id = service.place("/orders", order())["id"]
    answer = service.get(f"/order/{order_id}{below}")
    assert answer.status == 200
    assert answer.json == service.get(f"/orders/{order_id}{below}").json


@pytest.mark.parametrize(
    "path",
    [
        BASE,
        f"{BASE}/",
        f"{BASE}/orders//",
        f"{BASE}//orders",
        f"{BASE}/orders/sms/x",
        f"{BASE}/orders/{ORDER_ID}/notifications",
        f"{BASE}/orders/{ORDER_ID}/notifications/email/x",
        f"{BASE}/orders//status",
        f"{BASE}/tests",
        "/notifications/",
        "/notifications/api/v2/orders",
    ],
)
def test_an_unknown_address_is_a_404_for_everybody(service: Service, path: str) -> None:
    for headers in ({}, service.headers):
        answer = service.call("GET", path, headers=headers)
        assert answer.status == 404
        assert is_empty(answer)


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/orders", "GET, POST"),
        ("/orders/email", "GET, POST"),
        ("/orders/sms/", "GET, POST"),
        (f"/orders/{ORDER_ID}", "GET"),
        (f"/orders/{ORDER_ID}/status", "GET"),
        (f"/orders/{ORDER_ID}/cancel", "PUT"),
        (f"/orders/{ORDER_ID}/notifications/email", "GET"),
        (f"/orders/{ORDER_ID}/notifications/sms", "GET"),
    ],
)
def test_a_wrong_method_is_told_the_right_one_before_any_token_is_asked_for(
    service: Service, path: str, allowed: str
) -> None:
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} - set(allowed.split(", ")):
        answer = service.call(method, BASE + path)
        assert answer.status == 405, method
        assert answer.headers["Allow"] == allowed
        assert is_empty(answer)
    assert service.call("HEAD", BASE + path).status == 405


def test_a_body_is_read_also_when_its_length_is_not_announced(service: Service) -> None:
    pieces = iter([b'{"body": "x", ', b'"recipients": ', b"[]}"])
    answer = service.post("/orders/sms", pieces)
    assert answer.status == 400
    assert list(answer.json["errors"]) == ["Recipients"]
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"


def test_no_body_counts_as_an_empty_one(service: Service) -> None:
    nothing: Iterator[bytes] = iter([])
    for body in (b"", nothing):
        answer = service.post("/orders/sms", body)
        assert answer.status == 400
        assert list(answer.json["errors"]) == ["", "smsNotificationOrderRequest"]


def test_a_body_that_is_too_large_is_refused(service: Service) -> None:
    body = b" " * (MAX_BYTES + 1)
    answer = service.post("/orders/sms", iter([body[:1000], body[1000:]]))
    assert answer.status == 413
    assert answer.json["title"] == "Content Too Large"
    assert answer.json["detail"] == f"The body may be {MAX_BYTES} bytes long."


def test_an_announced_length_that_is_too_large_is_refused_before_the_body_is_sent(
    service: Service,
) -> None:
    headers = service.headers | {
        "Content-Type": "application/json",
        "Content-Length": str(MAX_BYTES + 1),
        "Expect": "100-continue",
    }
    answer = service.call("POST", f"{BASE}/orders/sms", headers=headers)
    assert answer.status == 413
    assert answer.json["title"] == "Content Too Large"


def test_two_platform_tokens_count_as_none(service: Service, cast: Cast) -> None:
    path = f"{BASE}/orders/x/notifications/sms"
    for times, status in ((1, 400), (2, 401)):
        connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)
        connection.putrequest("GET", path)
        for _ in range(times):
            connection.putheader("PlatformAccessToken", cast.platform())
        connection.endheaders()
        assert connection.getresponse().status == status
        connection.close()


def test_the_callers_trace_goes_on(service: Service) -> None:
    traceparent = "00-24d7cbf2a13f938741e8d2351d535556-2c30279c4891e50f-01"
    headers = service.headers | {"traceparent": traceparent}
    answer = service.get("/orders/x/notifications/sms", headers=headers)
    _, trace, span, flags = answer.json["traceId"].split("-")
    assert trace == "24d7cbf2a13f938741e8d2351d535556"
    assert span != "2c30279c4891e50f"
    assert flags == "01"


def test_the_description_and_its_reader_are_open_to_anybody(service: Service) -> None:
    assert service.call("GET", "/swagger/v1/swagger.json").status == 200
    for path in ("/swagger", "/swagger/"):
        page = service.call("GET", path)
        assert page.status == 200
        assert b"/static/drf_spectacular_sidecar/" in page.body
        assert b"cdn" not in page.body.lower()
