"""Answers too long to be in memory as a whole: they are written while they are sent."""

from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

import orjson
from django.db import close_old_connections
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

_CONTENT_TYPE = "application/json; charset=utf-8"
# Items in one piece.
_AT_ONCE = 1_000


def in_pieces(members: dict[str, Any], *, last: str, items: Iterator[Any]) -> Iterator[bytes]:
    """The JSON of an object with these members and, behind them, a list that is written as its
    items are taken."""
    piece = orjson.dumps(members | {last: []}).removesuffix(b"]}")
    part = list(islice(items, _AT_ONCE))
    while part:
        piece += orjson.dumps(part)[1:-1]
        if part := list(islice(items, _AT_ONCE)):
            yield piece
            piece = b","
    yield piece + b"]}"


def answer(pieces: Iterator[bytes]) -> HttpResponseBase:
    """Whatever is one piece goes with its length, several without one (`chunked`).

    Several are written only as fast as the caller reads, and may need no database by then: the
    connection is given back before the first byte. A thread of the web process is kept till the
    last: it is the proxy in front that takes in for the slow.
    """
    first, second = next(pieces), next(pieces, None)
    if second is None:
        return HttpResponse(first, content_type=_CONTENT_TYPE)
    close_old_connections()
    return StreamingHttpResponse(chain((first, second), pieces), content_type=_CONTENT_TYPE)
