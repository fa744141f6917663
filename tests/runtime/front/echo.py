"""A small application behind the door, with limits that tests need not wait for."""

import json
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from typing import TYPE_CHECKING

from runtime.front.answers import TELLS
from runtime.front.door import Door
from runtime.front.limits import LARGE, Limits, Sort
from runtime.front.parking import KNOWN, Parked
from runtime.front.refusals import TurnedAway

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MAX = 3_000_000
TIMEOUT = 1.0
LEAST_RATE = 100_000
"""So low that who finds room may keep it for far longer than another one waits for it."""
THREADS = 2
LONG_ANSWERS = 3
_PIECE = b"x" * 65_536
_at_work = 0
_most_at_work = 0
_closed = 0
_told: list[int] = []
_turned_away: list[tuple[str, int, str]] = []
_parked = 0
_unparked: Future[str] = Future()
_counting = threading.Lock()


def echo(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """Tells what it was given; /refused never reads, /long answers at length, /busy takes a while,
    /parked waits until somebody asks for /unpark, and /counts tells of the others."""
    path = environ["PATH_INFO"]
    if path == "/refused":
        start_response("401 Unauthorized", [("X-Why", "nobody")])
        return [b"No."]
    if path == "/long":
        environ[TELLS].append(_told.append)
        start_response("200 OK", [("Content-Type", "text/plain"), ("X-Trace-Id", "of-the-long")])
        return Long(int(environ["QUERY_STRING"]))
    if path == "/counts":
        start_response("200 OK", [])
        counts = {
            "most_at_work": _most_at_work,
            "closed": _closed,
            "parked": _parked,
            "told": _told,
            "turned_away": _turned_away,
        }
        return [json.dumps(counts).encode()]
    if path == "/unpark":
        _unpark()
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    if path == "/busy":
        _work()
    if path == "/parked":
        _park(environ)
    told = {name: value for name, value in environ.items() if isinstance(value, str)}
    start_response("200 OK", [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
    return [
        json.dumps({"length": len(body), "body": body[:100].decode("latin-1"), **told}).encode()
    ]


def _work() -> None:
    global _at_work, _most_at_work
    with _counting:
        _at_work += 1
        _most_at_work = max(_most_at_work, _at_work)
    time.sleep(0.2)
    with _counting:
        _at_work -= 1


def _park(environ: "WSGIEnvironment") -> None:
    global _parked, _unparked
    if KNOWN in environ:
        environ["told"] = environ[KNOWN].result()
        return
    with _counting:
        _parked += 1
        if _unparked.done():
            _unparked = Future()
        until = _unparked
    raise Parked(until)


def _unpark() -> None:
    global _parked
    with _counting:
        _parked = 0
        _unparked.set_result("It has happened.")


class Long:
    """So many pieces, and word of having been closed."""

    def __init__(self, pieces: int) -> None:
        self._left = pieces

    def __iter__(self) -> Iterator[bytes]:
        while self._left:
            self._left -= 1
            yield _PIECE

    def close(self) -> None:
        global _closed
        with _counting:
            _closed += 1


def note_turned_away(turned: TurnedAway) -> None:
    _turned_away.append((turned.method, turned.refusal.status, turned.trace_id))


SMALL_ONES, OTHERS, FLOODED = Sort(1_000, 1_000), Sort(MAX, 2 * MAX), Sort(LARGE, 2 * LARGE)


def sort_of(path: str) -> Sort:
    return {"/small": SMALL_ONES, "/flooded": FLOODED}.get(path, OTHERS)


application = Door(
    echo,
    Limits(
        sort_of=sort_of,
        timeout=TIMEOUT,
        min_rate=LEAST_RATE,
        threads=THREADS,
        long_answers=LONG_ANSWERS,
    ),
    note_turned_away,
)
