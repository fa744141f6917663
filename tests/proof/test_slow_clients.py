"""Whoever sends or reads slowly, in whatever numbers, keeps nobody else waiting (attack A8)."""

import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from tests.proof.live import place
from tests.proof.test_overload import begin, connected, read, with_many_messages
from tests.running_system import BASE, RunningSystem

MANY = 500
SLOW_READERS = 12
"""Three times the threads."""
SOON = 1.0
"""Seconds."""
TIMES = 5


@contextmanager
def dribbling(web: RunningSystem, heads: list[bytes]) -> Iterator[list[socket.socket]]:
    """So many callers, each of whom sends a byte now and then."""
    with ExitStack() as stack:
        callers = []
        for head in heads:
            caller = stack.enter_context(socket.create_connection(("127.0.0.1", web.port)))
            caller.sendall(head)
            callers.append(caller)
        over = threading.Event()
        thread = threading.Thread(target=dribble, args=(callers, over))
        thread.start()
        try:
            yield callers
        finally:
            over.set()
            thread.join()


def dribble(callers: list[socket.socket], over: threading.Event) -> None:
    while not over.wait(0.5):
        for caller in callers:
            try:
                caller.sendall(b"{")
            except OSError:  # refused by now
                continue


def head(web: RunningSystem, path: str, *headers: str) -> bytes:
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: localhost", *headers, "", ""]).encode()


def slow_heads(web: RunningSystem, count: int) -> list[bytes]:
    """Bodies for every door there is, with and without credentials, and heads that do not end."""
    kinds = [
        head(
            web,
            f"{BASE}/orders",
            f"Authorization: Bearer {web.token()}",
            "Content-Type: application/json",
            "Content-Length: 5000",
        ),
        head(web, f"{BASE}/orders/sms", "Content-Length: 5000"),
        head(web, "/notifications/email/api/v1/mailgun/tracking/", "Content-Length: 5000"),
        head(web, "/notifications/sms/api/v1/reports", "Transfer-Encoding: chunked"),
        head(
            web,
            "/admin/login/",
            f"Cookie: csrftoken={'a' * 32}",
            "Content-Type: application/x-www-form-urlencoded",
            "Content-Length: 5000",
        ),
        b"POST /admin/login/ HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
    ]
    return [kinds[number % len(kinds)] for number in range(count)]


def seconds_for(act: Callable[[], object]) -> float:
    """How long it usually takes."""
    took = []
    for _ in range(TIMES):
        begun = time.monotonic()
        act()
        took.append(time.monotonic() - begun)
    return statistics.median(took)


def all_is_well(web: RunningSystem) -> None:
    def health() -> None:
        assert web.call("GET", "/health", headers={}).status == 200

    def reading() -> None:
        assert read(web).status == 200

    def placing() -> None:
        assert place(web).status == 202

    for act in (health, reading, placing):
        assert seconds_for(act) < SOON


def test_attack_a8_slow_bodies_and_heads_keep_nobody_waiting(web: RunningSystem) -> None:
    with dribbling(web, slow_heads(web, MANY)):
        all_is_well(web)


def test_slow_readers_keep_nobody_waiting(web: RunningSystem) -> None:
    order_id = with_many_messages(web)
    with ExitStack() as stack:
        for _ in range(SLOW_READERS):
            caller = stack.enter_context(connected(web))
            begin(caller, web, f"GET {BASE}/orders/{order_id}/notifications/email HTTP/1.1")
            assert caller.recv(20).startswith(b"HTTP/1.1 ")
        all_is_well(web)


def test_who_has_no_credentials_is_refused_without_being_waited_for(web: RunningSystem) -> None:
    for path in (f"{BASE}/orders", f"{BASE}/orders/sms", "/notifications/sms/api/v1/reports"):
        with socket.create_connection(("127.0.0.1", web.port), timeout=20) as caller:
            caller.sendall(head(web, path, "Content-Length: 5000"))
            begun = time.monotonic()
            assert caller.recv(100).startswith(b"HTTP/1.1 401 ")
            assert time.monotonic() - begun < 8
