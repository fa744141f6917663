"""A request's head as WSGI's variables (https://peps.python.org/pep-3333/#environ-variables)."""

import sys
from collections.abc import Iterable
from typing import Any, TypedDict
from urllib.parse import unquote_to_bytes

Environ = dict[str, Any]

ASKED = "front.asked"
"""The variable that is there once the application has been asked without the body: what it counts
before it reads, it has counted."""

_PROTOCOLS = {"1": "HTTP/1.0", "1.0": "HTTP/1.0", "1.1": "HTTP/1.1", "2": "HTTP/2"}
_ALWAYS: Environ = {
    "SCRIPT_NAME": "",
    "wsgi.version": (1, 0),
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
    "wsgi.input_terminated": True,
}
_OF_THE_CONTENT = {b"content-type": "CONTENT_TYPE", b"content-length": "CONTENT_LENGTH"}
_USUAL = (
    b"accept",
    b"accept-encoding",
    b"authorization",
    b"cookie",
    b"host",
    b"idempotency-key",
    b"traceparent",
    b"user-agent",
    b"x-forwarded-for",
    b"x-forwarded-proto",
)


class Scope(TypedDict):
    """What the server says of a request (https://asgi.readthedocs.io/en/latest/specs/www.html)."""

    type: str
    method: str
    raw_path: bytes
    query_string: bytes
    server: tuple[str, int]
    client: tuple[str, int]
    http_version: str
    scheme: str
    headers: list[tuple[bytes, bytes]]


def _variable(name: bytes) -> str:
    return "HTTP_" + name.decode("latin-1").upper().replace("-", "_")


_VARIABLES = _OF_THE_CONTENT | {name: _variable(name) for name in _USUAL}


def environ_of(scope: Scope) -> Environ:
    """The variables of a request.

    They know `-` and `_` not apart, so that a caller could give itself a header that only the proxy
    may set: names with an underscore are left out. Of a name that comes more than once the values
    are joined in their order.
    """
    path = scope["raw_path"]
    environ = _ALWAYS | {
        "REQUEST_METHOD": scope["method"],
        "PATH_INFO": (unquote_to_bytes(path) if b"%" in path else path).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": str(scope["server"][0]),
        "SERVER_PORT": str(scope["server"][1]),
        "SERVER_PROTOCOL": _PROTOCOLS[scope["http_version"]],
        "REMOTE_ADDR": scope["client"][0],
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.errors": sys.stderr,
    }
    _add(environ, scope["headers"])
    return environ


def _add(environ: Environ, headers: Iterable[tuple[bytes, bytes]]) -> None:
    for name, value in headers:
        variable = _VARIABLES.get(name)
        if variable is None:
            if b"_" in name:
                continue
            variable = _variable(name)
        text = value.decode("latin-1")
        if variable in environ and variable != "CONTENT_LENGTH":  # the server has seen them agree
            separator = "; " if name == b"cookie" else ","
            text = f"{environ[variable]}{separator}{text}"
        environ[variable] = text
    if environ.get("HTTP_HOST") == "":  # what granian gives for none
        del environ["HTTP_HOST"]
