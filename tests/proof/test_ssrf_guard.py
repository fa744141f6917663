"""What a sender names as its condition endpoint never leads inside, and takes little of ours.

The addresses one by one are in tests/runtime/web/test_ssrf_guard.py and test_send_condition.py.
"""

import socket
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable, Iterator
from datetime import timedelta
from ipaddress import ip_address
from resource import RUSAGE_SELF, getrusage
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import Settings

from notifications.conditions import client
from notifications.conditions.client import Verdict
from orders.models import Channel, Creator
from runtime.web import ssrf_guard
from script.launcher.system.simulators import Simulators
from tests.building import NOON, mobiles, order
from tests.dispatch.raw_server import RawServer
from tests.notifications.conftest import check_send_conditions
from tests.notifications.conftest import condition_answers as check
from tests.recipients.local_server import LocalServer

INSIDE = "The condition endpoint's host is not on the public internet."
NUMBER = "The condition endpoint's host is a number."
PASSWORD = "The condition endpoint holds a user name or password."
PORT = "The condition endpoint's port may not be called."
BLOCKED = {
    "http://10.0.0.1/": INSIDE,
    "http://127.0.0.1/": INSIDE,
    "http://192.168.1.1/": INSIDE,
    "http://169.254.169.254/latest/meta-data/": INSIDE,
    "http://[::1]/": INSIDE,
    "http://[fe80::1]/": INSIDE,
    "http://[fd00:ec2::254]/": INSIDE,
    "http://[::ffff:127.0.0.1]/": INSIDE,
    "http://[64:ff9b::a9fe:a9fe]/": INSIDE,
    "http://[2002:7f00:1::]/": INSIDE,
    "http://localhost/": INSIDE,
    "http://2130706433/": NUMBER,
    "http://0177.0.0.1/": NUMBER,
    "http://0x7f.1/": NUMBER,
    "https://kari:secret@example.com/": PASSWORD,
    "https://example.com:8443/": PORT,
    "http://example.com:22/": PORT,
}


@pytest.fixture(autouse=True)
def nothing_is_allowed(settings: Settings, simulators: Simulators) -> None:
    settings.SEND_CONDITION_ALLOWED_HOSTS = []
    settings.SEND_CONDITION_ALLOWED_PORTS = [80, 443]


def test_a_blocked_endpoint_is_not_asked_and_the_order_says_why(
    ttd: Creator, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = {
        order(ttd, Channel.SMS, mobiles(1), condition_endpoint=url): reason
        for url, reason in BLOCKED.items()
    }
    looked_up: list[str] = []
    honest = socket.getaddrinfo

    def remember(host: str, *about: Any, **how: Any) -> Any:
        looked_up.append(host)
        return honest(host, *about, **how)

    monkeypatch.setattr(socket, "getaddrinfo", remember)
    assert check_send_conditions(now=NOON) == len(placed)
    assert set(looked_up) <= {"localhost", "127.0.0.1"}
    for one, reason in placed.items():
        one.refresh_from_db()
        assert (one.condition_note, one.awaits_condition) == (reason, False)


def test_a_name_server_that_changes_its_answer_after_the_look_leads_nowhere(
    simulators: Simulators, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first answer passes for public, and nobody listens there; the second leads inside."""
    endpoint = LocalServer()
    endpoint.answer("/", {"sendNotification": True})
    port = int(endpoint.url.rpartition(":")[2])
    settings.SEND_CONDITION_ALLOWED_PORTS = [port]
    outside = ip_address("127.0.0.2")
    honest = socket.getaddrinfo
    answers: list[str] = []

    def rebind(host: str, *about: Any, **how: Any) -> Any:
        if host != "rebinding.example":
            return honest(host, *about, **how)
        answers.append("127.0.0.1" if answers else str(outside))
        return honest(answers[-1], *about, **how)

    monkeypatch.setattr(socket, "getaddrinfo", rebind)
    monkeypatch.setattr(ssrf_guard, "is_public", lambda address: address == outside)
    (answer,) = check({uuid4(): f"http://rebinding.example:{port}/"}).values()
    endpoint.stop()
    assert answer.verdict is Verdict.IN_DOUBT
    assert answers == [str(outside)]
    assert endpoint.calls == []


# --- Endless answers -------------------------------------------------------------------------

OK = b"HTTP/1.1 200 OK\r\n"
ENDLESS = {
    "body": (OK + b"Content-Length: 9999999999\r\n\r\n", b" " * 65_536),
    "chunks": (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"4000\r\n" + b" " * 0x4000 + b"\r\n"),
    "headers": (OK, b"X-More: " + b"x" * 8_000 + b"\r\n"),
    "one header": (OK + b"X-More: ", b"x" * 65_536),
    "status": (b"HTTP/1.1 200 ", b"x" * 65_536),
}
MAX_TAKEN = 10_000_000


class Endless:
    """Says the beginning, and then the rest over and over; counts the bytes that were taken."""

    def __init__(self, beginning: bytes, rest: bytes) -> None:
        self.taken = 0
        self._beginning, self._rest = beginning, rest

    async def __call__(self, reader: StreamReader, writer: StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(self._beginning)
        while True:
            writer.write(self._rest)
            await writer.drain()
            self.taken += len(self._rest)


@pytest.fixture
def serve(settings: Settings) -> Iterator[Callable[[Endless], str]]:
    running: list[RawServer] = []

    def start(conversation: Endless) -> str:
        running.append(RawServer(conversation))
        settings.SEND_CONDITION_ALLOWED_HOSTS = ["127.0.0.1"]
        return f"http://127.0.0.1:{running[-1].port}/"

    yield start
    for server in running:
        server.stop()


@pytest.mark.parametrize("what", ENDLESS)
def test_an_endless_answer_is_cut_off(
    what: str, serve: Callable[[Endless], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "MAX_CALL", timedelta(seconds=5))
    conversation = Endless(*ENDLESS[what])
    begun = time.monotonic()
    (answer,) = check({uuid4(): serve(conversation)}).values()
    assert answer.verdict is Verdict.IN_DOUBT
    assert answer.reason
    assert conversation.taken < MAX_TAKEN
    assert time.monotonic() - begun < 4, "only the time ended it"


SAYS_NOTHING = {
    "promises": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "extension of a chunk": (OK + b"Transfer-Encoding: chunked\r\n\r\n4;", b"x" * 65_536),
}
"""Nothing of these is kept, and aiohttp gives up on none of them."""


@pytest.mark.parametrize("what", SAYS_NOTHING)
def test_what_never_becomes_an_answer_ends_with_the_time_of_the_call_and_fills_no_memory(
    what: str, serve: Callable[[Endless], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "MAX_CALL", timedelta(seconds=1))
    url = serve(Endless(*SAYS_NOTHING[what]))
    before = getrusage(RUSAGE_SELF).ru_maxrss
    begun = time.monotonic()
    (answer,) = check({uuid4(): url}).values()
    assert "1 seconds" in answer.reason
    assert time.monotonic() - begun < 3
    assert getrusage(RUSAGE_SELF).ru_maxrss - before < 50_000  # kilobytes
