"""A running simulated world, something that takes its delivery reports, and plain HTTP calls."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from script.launcher.system.simulators import Simulators


@cache
def signing_key(path: str) -> RSAPrivateKey:
    """The key in a PEM file, read once: reading proves it, which takes longer than many tests."""
    key = load_pem_private_key(Path(path).read_bytes(), password=None)
    assert isinstance(key, RSAPrivateKey)
    return key


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(
    method: str,
    url: str,
    body: bytes | str | dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
    *,
    timeout: float = 10.0,
) -> Answer:
    """One request, redirects not followed."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=timeout)
    data = json.dumps(body) if isinstance(body, dict) else body
    encoded = data.encode() if isinstance(data, str) else data
    try:
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request(method, target, encoded, headers or {})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


@dataclass(frozen=True, slots=True)
class Posted:
    path: str
    headers: dict[str, str]
    body: bytes
    at: float


@dataclass
class PostBox:
    """Takes what is posted; answers with the statuses asked for, then 200."""

    statuses: list[int] = field(default_factory=list)
    posted: list[Posted] = field(default_factory=list)
    url: str = ""

    def wait_for(
        self, condition: Callable[[list[Posted]], object], *, seconds: float = 60.0
    ) -> list[Posted]:
        deadline = time.monotonic() + seconds
        while not condition(self.posted):
            assert time.monotonic() < deadline, f"only {len(self.posted)} posts in {seconds} s"
            time.sleep(0.005)
        return self.posted


@pytest.fixture
def simulators(outside_world: Simulators) -> Simulators:
    """The outside world, empty and at peace, without Django."""
    outside_world.reset()
    return outside_world


@pytest.fixture
def post_box(simulators: Simulators) -> Iterator[PostBox]:
    """Where the simulators post their reports during the test."""
    box = PostBox()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            box.posted.append(Posted(self.path, dict(self.headers), body, time.monotonic()))
            self.send_response(box.statuses.pop(0) if box.statuses else 200)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    box.url = f"http://127.0.0.1:{server.server_port}"
    simulators.report_to(box.url)
    yield box
    simulators.report_to("")
    server.shutdown()
    thread.join()
    server.server_close()
