"""Callers who send a byte now and then, to every door that takes bodies."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import cycle, islice

from script.launcher.system.running_system import BASE, RunningSystem

NOW_AND_THEN = 0.5  # seconds


def heads(token: str) -> list[bytes]:
    """Of bodies that are announced, with credentials and without; the last one does not end."""
    announced, form = "Content-Length: 5000", "Content-Type: application/x-www-form-urlencoded"
    json = "Content-Type: application/json"
    return [
        head(f"{BASE}/orders", announced, json, f"Authorization: Bearer {token}"),
        head(f"{BASE}/orders/sms", announced),
        head("/notifications/email/api/v1/mailgun/tracking/", announced, json),
        head("/notifications/sms/api/v1/reports", "Transfer-Encoding: chunked"),
        head("/admin/login/", announced, form, f"Cookie: csrftoken={'a' * 32}"),
        b"POST /admin/login/ HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
    ]


def head(path: str, *headers: str) -> bytes:
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: localhost", *headers, "", ""]).encode()


class SlowCallers:
    """`count` of them, from the beginning till `leave`; who is refused does not come back."""

    def __init__(self, port: int, *, token: str, count: int) -> None:
        self._callers: list[socket.socket] = []
        for begun in islice(cycle(heads(token)), count):
            with suppress(OSError):  # the web process may be away
                caller = socket.create_connection(("127.0.0.1", port), timeout=5)
                self._callers.append(caller)
                caller.sendall(begun)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._dribble, daemon=True)
        self._thread.start()

    def leave(self) -> None:
        self._over.set()
        self._thread.join()
        for caller in self._callers:
            caller.close()

    def _dribble(self) -> None:
        while not self._over.wait(NOW_AND_THEN):
            for caller in self._callers:
                with suppress(OSError):
                    caller.sendall(b"{")


@contextmanager
def slow_callers(web: RunningSystem, count: int) -> Iterator[None]:
    callers = SlowCallers(web.port, token=web.token(), count=count)
    try:
        yield
    finally:
        callers.leave()
