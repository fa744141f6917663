"""Lets Prometheus read what a worker has counted, on a port of the worker's own."""

import threading
from collections.abc import Iterable
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import structlog
from django.conf import settings

from config.prometheus import process

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

logger = structlog.get_logger(__name__)

SECONDS = 10


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Handler(WSGIRequestHandler):
    timeout = SECONDS

    def log_message(self, *args: object) -> None:
        """A scrape is not news."""


def start(**kwargs: object) -> None:
    """Serve on WORKER_METRICS_PORT, if one is set. A port that is taken keeps no message waiting:
    the worker works on, unseen."""
    if not settings.WORKER_METRICS_PORT:
        return
    try:
        server = serve(settings.WORKER_METRICS_HOST, settings.WORKER_METRICS_PORT)
    except OSError as error:
        logger.error("The worker's metrics cannot be served", reason=error.strerror)
        return
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()


def serve(host: str, port: int) -> WSGIServer:
    """A server bound to the address; port 0 takes any that is free."""
    return make_server(host, port, application, server_class=_Server, handler_class=_Handler)


def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    if not process.may_read(environ):
        start_response("403 Forbidden", [("Content-Type", "text/plain")])
        return [b""]
    start_response("200 OK", [("Content-Type", process.CONTENT_TYPE)])
    return [process.counted()]
