"""What a collector and Sentry would be told: a web server that keeps all that is posted to it."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


class Sink:
    """`posted` are the path and the body of each request, the body as it was before its coding."""

    def __init__(self, port: int) -> None:
        self.address = f"127.0.0.1:{port}"
        self.posted: list[tuple[str, bytes]] = []

    def spans(self) -> list[Any]:
        """https://opentelemetry.io/docs/specs/otlp/#otlphttp"""
        return [
            span
            for path, body in list(self.posted)
            if path == "/v1/traces"
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


@contextmanager
def sink() -> Iterator[Sink]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self._read()
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            running.posted.append((self.path, body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _read(self) -> bytes:
            return self.rfile.read(int(self.headers["Content-Length"]))

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Silence."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running = Sink(listening.server_port)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield running
    listening.shutdown()
