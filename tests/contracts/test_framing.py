"""What only a real HTTP server shows: addresses, methods, empty answers, and bodies on the wire."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.contracts import tokens
from tests.contracts.conftest import Cast

ROOT = Path(__file__).resolve().parents[2]
BASE = "/notifications/api/v1"
MOST_BYTES = 2_000
START = 30.0
ORDER_ID = "f1a1cc30-197f-4f34-8304-006ce4945fd1"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def is_empty(self) -> bool:
        """Whether there is no body, and the headers say so."""
        return (
            self.body == b""
            and self.headers["Content-Length"] == "0"
            and self.headers["Content-Type"] is None
        )


class Web:
    """The web process as in production, with a small limit for bodies."""

    def __init__(self, cast: Cast) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.token = cast.bearer()
        settings = {
            "DJANGO_SETTINGS_MODULE": "config.settings.local",
            "SECRET_KEY": "only-for-this-run",
            "ALTINN_WELL_KNOWN": "",
            "ALTINN_JWKS": str(cast.folder / "altinn.json"),
            "ALTINN_ISSUERS": tokens.ISSUER,
            "PLATFORM_TOKEN_JWKS": str(cast.folder / "{issuer}.json"),
            "MAX_BODY_BYTES": str(MOST_BYTES),
        }
        server = ["granian", "--interface", "wsgi", "--port", str(self.port), "--no-log"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", *server, "config.wsgi:application"],
            cwd=ROOT,
            env=os.environ | settings,
        )
        deadline = time.monotonic() + START
        while not self._answers():
            assert self.process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def _answers(self) -> bool:
        with suppress(OSError):
            return self.call("GET", "/health").status == 200
        return False

    def call(
        self,
        method: str,
        path: str,
        body: bytes | Iterator[bytes] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """One request; an iterator of pieces is sent chunked, its length not announced."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(
                method, path, body, headers or {}, encode_chunked=isinstance(body, Iterator)
            )
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def post(self, path: str, body: bytes | Iterator[bytes]) -> Answer:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        if isinstance(body, Iterator):
            headers["Transfer-Encoding"] = "chunked"
        return self.call("POST", BASE + path, body, headers)

    def stop(self) -> None:
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=10)
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def web(published_cast: Cast) -> Iterator[Web]:
    running = Web(published_cast)
    yield running
    running.stop()


@pytest.mark.parametrize("path", ["/health", "/health/", "/Health", "/HEALTH/"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_health_needs_nothing(web: Web, method: str, path: str) -> None:
    answer = web.call(method, path)
    assert answer.status == 200
    assert answer.body == (b"Healthy" if method == "GET" else b"")
    assert answer.headers.get_content_type() == "text/plain"
    assert "no-cache" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/orders"),
        ("POST", "/orders/email"),
        ("POST", "/orders/sms"),
        ("GET", f"/orders/{ORDER_ID}/notifications/sms"),
        ("GET", f"/order/{ORDER_ID}/notifications/sms"),
    ],
)
def test_an_address_may_be_spelled_in_any_case_and_with_a_slash(
    web: Web, method: str, path: str
) -> None:
    for spelled in (BASE + path, f"{BASE}{path}/", (BASE + path).upper(), (BASE + path).title()):
        answer = web.call(method, spelled)
        assert answer.status == 401
        assert answer.is_empty
        assert "WWW-Authenticate" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        BASE,
        f"{BASE}/",
        f"{BASE}/orders//",
        f"{BASE}//orders",
        f"{BASE}/orders/sms/x",
        f"{BASE}/orders/{ORDER_ID}/notifications",
        "/notifications/",
        "/notifications/api/v2/orders",
    ],
)
def test_an_unknown_address_is_a_404_for_everybody(web: Web, path: str) -> None:
    for headers in ({}, {"Authorization": f"Bearer {web.token}"}):
        answer = web.call("GET", path, headers=headers)
        assert answer.status == 404
        assert answer.is_empty


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/orders", "POST"),
        ("/orders/email", "POST"),
        ("/orders/sms/", "POST"),
        (f"/orders/{ORDER_ID}/notifications/sms", "GET"),
    ],
)
def test_a_wrong_method_is_told_the_right_one_before_any_token_is_asked_for(
    web: Web, path: str, allowed: str
) -> None:
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} - {allowed}:
        answer = web.call(method, BASE + path)
        assert answer.status == 405, method
        assert answer.headers["Allow"] == allowed
        assert answer.is_empty
    assert web.call("HEAD", BASE + path).status == 405


def test_a_body_is_read_also_when_its_length_is_not_announced(web: Web) -> None:
    pieces = iter([b'{"body": "x", ', b'"recipients": ', b"[]}"])
    answer = web.post("/orders/sms", pieces)
    assert answer.status == 400
    assert list(json.loads(answer.body)["errors"]) == ["Recipients"]
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"


def test_no_body_counts_as_an_empty_one(web: Web) -> None:
    nothing: Iterator[bytes] = iter([])
    for body in (b"", nothing):
        answer = web.post("/orders/sms", body)
        assert answer.status == 400
        assert list(json.loads(answer.body)["errors"]) == ["", "smsNotificationOrderRequest"]


def test_a_body_that_is_too_large_is_refused(web: Web) -> None:
    body = b" " * (MOST_BYTES + 1)
    for too_large in (body, iter([body[:1000], body[1000:]])):
        answer = web.post("/orders/sms", too_large)
        assert answer.status == 413
        assert json.loads(answer.body)["title"] == "Content Too Large"
    assert web.post("/orders/sms", body[:MOST_BYTES]).status == 400


def test_two_platform_tokens_count_as_none(web: Web, published_cast: Cast) -> None:
    path = f"{BASE}/orders/x/notifications/sms"
    for times, status in ((1, 400), (2, 401)):
        connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=10)
        connection.putrequest("GET", path)
        for _ in range(times):
            connection.putheader("PlatformAccessToken", published_cast.platform())
        connection.endheaders()
        assert connection.getresponse().status == status
        connection.close()


def test_the_callers_trace_goes_on(web: Web) -> None:
    headers = {
        "Authorization": f"Bearer {web.token}",
        "traceparent": "00-24d7cbf2a13f938741e8d2351d535556-2c30279c4891e50f-01",
    }
    answer = web.call("GET", f"{BASE}/orders/x/notifications/sms", headers=headers)
    _, trace, span, flags = json.loads(answer.body)["traceId"].split("-")
    assert trace == "24d7cbf2a13f938741e8d2351d535556"
    assert span != "2c30279c4891e50f"
    assert flags == "01"


def test_the_description_and_its_reader_are_open_to_anybody(web: Web) -> None:
    assert web.call("GET", "/swagger/v1/swagger.json").status == 200
    for path in ("/swagger", "/swagger/"):
        page = web.call("GET", path)
        assert page.status == 200
        assert b"/static/drf_spectacular_sidecar/" in page.body
        assert b"cdn" not in page.body.lower()
