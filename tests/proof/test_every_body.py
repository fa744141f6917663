"""Whoever takes a body takes it in every framing: what is answered never depends on that (case 05).

How the door reads: tests/runtime/front.
"""

import base64
import hashlib
import hmac
import json
import re
import socket
import time
from collections.abc import Mapping
from http.client import HTTPResponse
from typing import NamedTuple
from urllib.parse import urlencode

import pytest
from django.urls import get_resolver

from dispatch.urls import report_urls
from script.launcher.system.running_system import BASE, Answer, RunningSystem
from tests.addresses import addresses
from tests.dispatch.webhook_urls import gateways_with
from tests.proof.live import ORDER

TOKEN = "a" * 32
REPORTS = "/notifications/sms/api/v1/reports"
EVENTS = "/notifications/email/api/v1/mailgun/tracking"

Framed = tuple[str, list[str], bytes]


def framings(body: bytes) -> dict[str, Framed]:
    """HTTP's version, the headers of the framing, and what is sent behind the head."""
    size = max(20, len(body) // 1_000)
    pieces = [body[place : place + size] for place in range(0, len(body), size)]
    in_chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in [*pieces, b""])
    length = f"Content-Length: {len(body)}"
    return {
        "announced": ("1.1", [length], body),
        "chunked": ("1.1", ["Transfer-Encoding: chunked"], in_chunks),
        "HTTP/1.0": ("1.0", [length], body),
        "asked for first": ("1.1", [length, "Expect: 100-continue"], body),
    }


def send(
    port: int, method: str, path: str, framed: Framed, headers: Mapping[str, str], drip: int = 0
) -> Answer:
    """One request on its own connection; the body in drips of so many bytes, if they are given."""
    version, framing, body = framed
    own = [f"{name}: {value}" for name, value in headers.items()]
    lines = [f"{method} {path} HTTP/{version}", "Host: localhost", "Connection: close"]
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall("\r\n".join([*lines, *framing, *own, "", ""]).encode())
        for place in range(0, len(body), drip or len(body)):
            if drip:
                time.sleep(0.1)
            connection.sendall(body[place : place + (drip or len(body))])
        response = HTTPResponse(connection)
        response.begin()
        return Answer(response.status, response.headers, response.read())


def test_no_address_answers_by_how_its_body_is_framed(web: RunningSystem) -> None:
    """What the desk reads before anything else is the form's token: without the body it is 403."""
    body = urlencode({"csrfmiddlewaretoken": TOKEN, "username": "kari", "password": "x"}).encode()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": f"csrftoken={TOKEN}",
    }
    walked = [*get_resolver().url_patterns]
    found = {
        *addresses(walked),
        *addresses(report_urls(gateways_with("mailgun")), "/notifications/"),
    }
    assert {REPORTS, EVENTS, f"{BASE}/orders"} < found
    assert len(found) > 50
    for path in sorted(found):
        answers = {
            framing: send(web.port, "POST", path, framed, headers).status
            for framing, framed in framings(body).items()
        }
        assert len(set(answers.values())) == 1, (path, answers)
        if path.startswith("/admin/"):
            assert answers["announced"] != 403, path


@pytest.mark.parametrize("framing", list(framings(b"")))
@pytest.mark.parametrize("drip", [0, 40])
def test_case_05_good_bodies_are_taken_everywhere(
    web: RunningSystem, framing: str, drip: int
) -> None:
    outside = web.outside.environment
    user = f"{outside['SMS_REPORTS_USER']}:{outside['SMS_REPORTS_PASSWORD']}".encode()
    report = b"<MSGLST><MSG><REF>r</REF><RCV>4799999999</RCV><STATE>DELIVRD</STATE></MSG></MSGLST>"
    for path, body, headers, status in (
        (f"{BASE}/orders", ORDER, JSON | {"Authorization": f"Bearer {web.token()}"}, 202),
        (REPORTS, report, XML | {"Authorization": f"Basic {base64.b64encode(user).decode()}"}, 200),
        (EVENTS, mail_event(outside["ANYMAIL_MAILGUN_WEBHOOK_SIGNING_KEY"]), JSON, 200),
    ):
        answer = send(web.port, "POST", path, framings(body)[framing], headers, drip)
        assert answer.status == status, (path, answer)


def test_case_05_log_in_takes_a_form_in_every_framing(web: RunningSystem) -> None:
    page = web.call("GET", "/admin/login/", headers={})
    cookie = page.headers["Set-Cookie"].partition(";")[0]
    form = {"csrfmiddlewaretoken": cookie.partition("=")[2], "username": "nobody", "password": "x"}
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
    for framed in framings(urlencode(form).encode()).values():
        answer = send(web.port, "POST", "/admin/login/", framed, headers)
        assert answer.status == 200
        assert b"errornote" in answer.body or b"correct" in answer.body


def test_a_request_counts_once_however_its_body_comes(web: RunningSystem) -> None:
    """Towards the limit and in the log, also where the API was asked before the body was there."""
    headers = JSON | {"Authorization": f"Bearer {web.token('once')}"}
    log = web.folder / "web.log"
    sent = 0
    before = Left(0, 0, -1)
    for length, drip in ((100, 40), (20_000, 10_000), (300_000, 0)):
        body = b'{"body": "' + b"x" * length + b'"}'
        for framed in framings(body).values():
            sent += 1
            answer = send(web.port, "POST", f"{BASE}/orders/sms", framed, headers, drip)
            assert answer.status == 400
            left = requests_left(answer)
            expected = before.requests if left.seconds <= before.seconds else left.limit
            assert left.requests == expected - 1
            before = left
            assert log.read_text().count('"creator":"once"') == sent


class Left(NamedTuple):
    """How many requests a creator has left, of how many, and for how many seconds."""

    requests: int
    limit: int
    seconds: int


def requests_left(answer: Answer) -> Left:
    state = re.search(r'"requests";r=(\d+);t=(\d+)', answer.headers["RateLimit"])
    policy = re.search(r'"requests";q=(\d+)', answer.headers["RateLimit-Policy"])
    assert state
    assert policy
    return Left(int(state[1]), int(policy[1]), int(state[2]))


JSON = {"Content-Type": "application/json"}
XML = {"Content-Type": "application/xml"}


def mail_event(key: str) -> bytes:
    moment, token = str(int(time.time())), "0123456789"
    signature = hmac.new(key.encode(), (moment + token).encode(), hashlib.sha256).hexdigest()
    data = {"event": "delivered", "timestamp": time.time(), "recipient": "kari@example.com"}
    message = {"headers": {"message-id": "early"}}
    signed = {"timestamp": moment, "token": token, "signature": signature}
    return json.dumps({"signature": signed, "event-data": data | {"message": message}}).encode()


def test_a_body_that_is_not_taken_is_refused_in_the_contracts_shape(web: RunningSystem) -> None:
    """Also one whose caller ends it early and still listens."""
    head = f"POST {BASE}/orders/sms HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    head += f"Authorization: Bearer {web.token()}\r\n"
    with socket.create_connection(("127.0.0.1", web.port), timeout=30) as connection:
        connection.sendall(f"{head}Content-Length: 100\r\n\r\n{{}}".encode())
        connection.shutdown(socket.SHUT_WR)
        heard = b""
        while piece := connection.recv(65_536):
            heard += piece
    if heard:  # the server may take the half that is closed for the whole
        assert heard.startswith(b"HTTP/1.1 400 ")
        problem = json.loads(heard.partition(b"\r\n\r\n")[2])
        assert problem["errors"]["$"] == ["The body ends before its 100 bytes. Path: $."]
