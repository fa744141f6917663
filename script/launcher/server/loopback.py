"""Requests to our own servers on this machine, past any proxy the machine may be set up with."""

import http.client
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass

from script.launcher.services.ports import HOST


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said."""

    status: int
    body: bytes


def get(port: int, path: str, *, seconds: float = 5.0) -> Answer:
    """Raises OSError or HTTPException where nobody answers."""
    return _send("GET", port, path, body=None, headers={}, seconds=seconds)


def post_json(port: int, path: str, *, body: bytes, token: str, seconds: float = 30.0) -> Answer:
    """Post a body as a service owner would."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    return _send("POST", port, path, body=body, headers=headers, seconds=seconds)


def is_healthy(port: int) -> bool:
    """Whether the server on the port says that it can serve."""
    try:
        return get(port, "/health").status == 200
    except (OSError, http.client.HTTPException):
        return False


def _send(
    method: str,
    port: int,
    path: str,
    *,
    body: bytes | None,
    headers: Mapping[str, str],
    seconds: float,
) -> Answer:
    with closing(http.client.HTTPConnection(HOST, port, timeout=seconds)) as connection:
        connection.request(method, path, body=body, headers=dict(headers))
        answer = connection.getresponse()
        return Answer(status=answer.status, body=answer.read())
