"""An application's answer, given whole or in pieces."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass

from runtime.front.refusals import Refusal

PIECE = 262_144
"""An answer up to so many bytes is given whole, a longer one in pieces of about that size."""

Headers = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class Answer:
    """`rest` is what follows the first piece, None where that is all; `close` is WSGI's, to be
    called once the rest has been taken or is not wanted any more. With `until` it is no answer yet:
    there will be one when that is done."""

    status: int
    headers: Headers
    piece: bytes
    rest: Iterator[bytes] | None = None
    close: Callable[[], None] = lambda: None
    until: "Future[object] | None" = None


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


def plain(refusal: Refusal) -> Answer:
    """In plain words, where the application has none of its own."""
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"cache-control", b"no-store"),
    ]
    if refusal.retry_after:
        headers.append((b"retry-after", str(refusal.retry_after).encode()))
    return Answer(refusal.status, headers, refusal.sentence.encode())
