"""A small web server that publishes keys, counts its visitors, and may be told to fail."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class KeyServer:
    """`documents` are answered by path; what is not among them is a 404. While `is_failing`,
    everything is a 500."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.documents: dict[str, Any] = {}
        self.visits: list[str] = []
        self.is_failing = False
        self.before_answering: Callable[[], object] = lambda: None


@contextmanager
def key_server() -> Iterator[KeyServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.visits.append(self.path)
            server.before_answering()
            status = 200 if self.path in server.documents else 404
            body = json.dumps(server.documents.get(self.path)).encode()
            self.send_response(500 if server.is_failing else status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Silence."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server = KeyServer(listening.server_port)
    threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    listening.shutdown()
    listening.server_close()
