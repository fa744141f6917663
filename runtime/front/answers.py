"""An application's answer, given whole or in pieces."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field

import orjson

from runtime.front.refusals import Refusal
from runtime.traces import HEADER

PIECE = 262_144
"""An answer up to so many bytes is given whole, a longer one in pieces of about that size."""

TELLS = "front.tells"
"""The variable under which the application finds a list: what it adds there is called with the
status that is given in the end. A long answer may still find no place."""
_TRACE = HEADER.lower().encode()
_RFC9110 = "https://tools.ietf.org/html/rfc9110#section-"

Headers = list[tuple[bytes, bytes]]
Tell = Callable[[int], None]


@dataclass(slots=True)
class Answer:
    """`rest` is what follows the first piece, None where that is all; `close` is WSGI's, to be
    called once the rest has been taken or is not wanted any more; `tells` are to be called with
    the status that is given. With `until` it is no answer yet: there will be one when that is
    done."""

    status: int
    headers: Headers
    piece: bytes
    rest: Iterator[bytes] | None = None
    close: Callable[[], None] = lambda: None
    until: "Future[object] | None" = None
    tells: list[Tell] = field(default_factory=list)

    @property
    def trace_id(self) -> str:
        """As the application has named it; empty where it has not."""
        return dict(self.headers).get(_TRACE, b"").decode("latin-1")

    def tell(self, status: int) -> None:
        for tell in self.tells:
            tell(status)


class Head:
    """WSGI's start_response: remembers what it is told."""

    def __init__(self) -> None:
        self.status = 500
        self.headers: Headers = []

    def __call__(
        self, status: str, headers: list[tuple[str, str]], exc_info: object = None, /
    ) -> Callable[[bytes], object]:
        self.status = int(status[:3])
        self.headers = [
            (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers
        ]
        return _no_write


def _no_write(data: bytes) -> object:
    raise NotImplementedError("Only what the application returns is sent.")


def next_piece(pieces: Iterator[bytes]) -> tuple[bytes, bool]:
    """The next of about PIECE bytes, and whether it is the last."""
    gathered: list[bytes] = []
    length = 0
    for piece in pieces:
        gathered.append(piece)
        length += len(piece)
        if length >= PIECE:
            return b"".join(gathered), False
    return b"".join(gathered), True


def problem(refusal: Refusal, trace_id: str) -> Answer:
    """As the API says it (https://www.rfc-editor.org/rfc/rfc9457), without the application."""
    headers = [
        (b"content-type", b"application/json; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (_TRACE, trace_id.encode()),
    ]
    if refusal.retry_after:
        headers.append((b"retry-after", str(refusal.retry_after).encode()))
    body = {
        "type": _RFC9110 + refusal.section,
        "title": refusal.title,
        "status": refusal.status,
        "detail": refusal.sentence,
        "traceId": trace_id,
    }
    return Answer(refusal.status, headers, orjson.dumps(body))
