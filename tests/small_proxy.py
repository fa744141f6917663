"""A small proxy that answers by itself, and refuses tunnels: what it is asked for shows that a call
came its way."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class SmallProxy:
    def __init__(self, port: int) -> None:
        self.url = f"http://us:vafler@127.0.0.1:{port}"
        self.asked: list[str] = []
        """As the request lines have it, such as `POST http://host/path` and `CONNECT host:443`."""
        self.credentials: set[str | None] = set()
        self.answer = b"{}"


@contextmanager
def small_proxy() -> Iterator[SmallProxy]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            self._note()
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(200)
            self.send_header("Content-Length", str(len(proxy.answer)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(proxy.answer)

        def do_GET(self) -> None:
            self._answer()

        def do_HEAD(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def do_CONNECT(self) -> None:
            self._note()
            self.send_error(403)

        def _note(self) -> None:
            proxy.asked.append(f"{self.command} {self.path}")
            proxy.credentials.add(self.headers.get("Proxy-Authorization"))

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Silence."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    proxy = SmallProxy(listening.server_port)
    threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True).start()
    yield proxy
    listening.shutdown()
    listening.server_close()
