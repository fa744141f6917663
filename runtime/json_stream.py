"""Long lists in answers: kept as text, in pieces, each of which is forgotten once it is sent, or
made only when it is."""

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain, islice

import orjson
from django.db import close_old_connections
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from runtime.web.outgoing import give_back_connection

_CONTENT_TYPE = "application/json; charset=utf-8"
MAX_ITEMS = 1_000  # in one piece
_OF_A_SHORT_ONE = 3  # pieces: head, items, end


def written(items: Iterable[object], *, max_items: int = MAX_ITEMS) -> deque[bytes]:
    """What stands between the brackets of a list of these in JSON, in pieces: as text an item takes
    a fifth of the memory. Large items are better written one by one."""
    left, pieces = iter(items), deque[bytes]()
    while part := list(islice(left, max_items)):
        # A copy, since what orjson returns keeps up to twice the room that it needs.
        pieces.append((b"," if pieces else b"") + orjson.dumps(part)[1:-1])
    return pieces


def fragment(pieces: Iterable[bytes]) -> orjson.Fragment:
    """The list as a value that orjson takes over as it stands."""
    return orjson.Fragment(b"".join([b"[", *pieces, b"]"]))


def document(members: dict[str, object], *, last: str, items: deque[bytes]) -> deque[bytes]:
    """The JSON of an object with these members and, behind them, the list of what is written."""
    return deque([head(members, last=last), *items, b"]}"])


def head(members: dict[str, object], *, last: str) -> bytes:
    """The JSON of an object with these members up to where the items of its last one begin."""
    return orjson.dumps(members | {last: []}).removesuffix(b"]}")


def answer(pieces: deque[bytes]) -> HttpResponseBase:
    """A long one is sent piece by piece, as fast as the caller reads.

    The database is not needed for that: the connection is given back before the first byte.
    """
    if len(pieces) <= _OF_A_SHORT_ONE:
        return HttpResponse(b"".join(pieces), content_type=_CONTENT_TYPE)
    close_old_connections()
    length = sum(map(len, pieces))
    return StreamingHttpResponse(
        _taken_from(pieces),
        content_type=_CONTENT_TYPE,
        headers={"Content-Length": str(length)},
    )


def answer_as_made(pieces: Iterator[bytes]) -> HttpResponseBase:
    """A long one is made while it is sent, as fast as the caller reads: however long, it takes the
    memory of some pieces. Its length is not known before, and what goes wrong behind its beginning
    breaks the connection off, so that the caller sees that it is not whole.

    Between two pieces nobody's database connection is held.
    """
    begun = list(islice(pieces, _OF_A_SHORT_ONE + 1))
    if len(begun) <= _OF_A_SHORT_ONE:
        return HttpResponse(b"".join(begun), content_type=_CONTENT_TYPE)
    return StreamingHttpResponse(
        _without_a_connection(chain(begun, pieces)), content_type=_CONTENT_TYPE
    )


def _without_a_connection(pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        give_back_connection()
        yield piece


def _taken_from(pieces: deque[bytes]) -> Iterator[bytes]:
    while pieces:
        yield pieces.popleft()
