"""Whoever sends or reads slowly, in whatever numbers, keeps nobody else waiting (attack A8)."""

import socket
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack

import pytest

from script.launcher.system.running_system import BASE, RunningSystem
from tests.proof.live import place
from tests.proof.test_overload import begin, connected, read, with_many_messages
from tests.slow_callers import head, slow_callers

MANY = 500
SLOW_READERS = 12
"""Three times the threads."""
SOON = 1.0
"""Seconds."""
TIMES = 5


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
    with slow_callers(web, MANY):
        all_is_well(web)


@pytest.mark.parametrize("path", ["orders/{}/notifications/email", "future/shipment/{}"])
def test_slow_readers_keep_nobody_waiting(web: RunningSystem, path: str) -> None:
    """Also of what is read from the database while it is sent, where there is one connection."""
    order_id = with_many_messages(web)
    with ExitStack() as stack:
        for _ in range(SLOW_READERS):
            caller = stack.enter_context(connected(web))
            begin(caller, web, f"GET {BASE}/{path.format(order_id)} HTTP/1.1")
            assert caller.recv(20).startswith(b"HTTP/1.1 ")
        all_is_well(web)


def test_who_has_no_credentials_is_refused_without_being_waited_for(web: RunningSystem) -> None:
    for path in (f"{BASE}/orders", f"{BASE}/orders/sms", "/notifications/sms/api/v1/reports"):
        with socket.create_connection(("127.0.0.1", web.port), timeout=20) as caller:
            caller.sendall(head(path, "Content-Length: 5000"))
            begun = time.monotonic()
            assert caller.recv(100).startswith(b"HTTP/1.1 401 ")
            assert time.monotonic() - begun < 8
