"""A provider of one's own as a process: `python -m tests.dispatch.gateways.sink PORT FILE` takes
JSON, one line of the file each before it is answered."""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_writing = threading.Lock()


class Sink(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    file: Path

    def do_HEAD(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        taken = {**json.loads(body), "key": self.headers.get("X-Key", "")}
        with _writing, self.file.open("a") as lines:
            lines.write(json.dumps(taken) + "\n")
        self._answer(json.dumps({"id": f"acme-{taken['to']}"}).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Silence."""

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    Sink.file = Path(sys.argv[2])
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Sink).serve_forever()
