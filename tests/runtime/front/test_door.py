"""The door on a real server: framings, slow and large bodies, long answers, and headers."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from runtime.front.door import DRAINED
from runtime.front.limits import HEAVY, LARGE
from script.launcher.paths import ROOT
from script.launcher.services.ports import free_port
from script.launcher.services.processes import tie_to_this_process
from tests.runtime.front.echo import LONG_ANSWERS, MAX, THREADS, TIMEOUT

SERVER = (
    "granian --interface asginl --host 127.0.0.1 --port {port} --workers 1 --no-log"
    " tests.runtime.front.echo:application"
)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    chosen = free_port()
    words = SERVER.format(port=chosen).split()
    process = subprocess.Popen(
        [sys.executable, "-m", *words],
        cwd=ROOT,
        preexec_fn=tie_to_this_process(signal.SIGTERM),
    )
    try:
        until = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", chosen), timeout=1).close()
                break
            except OSError:
                assert time.monotonic() < until
                time.sleep(0.05)
        yield chosen
    finally:
        process.terminate()
        process.wait()


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back on a connection."""

    status: int
    head: str
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.body)
        return told


def connect(port: int, **options: int) -> socket.socket:
    connection = socket.socket()
    for name, value in options.items():
        connection.setsockopt(socket.SOL_SOCKET, getattr(socket, name), value)
    connection.settimeout(20)
    connection.connect(("127.0.0.1", port))
    return connection


def hear(connection: socket.socket) -> Heard:
    """One answer whose length is announced, and nothing of what comes behind it; one of status 100
    is passed over."""
    head = ""
    while not head or head.split(" ")[1] == "100":
        heard = b""
        while not heard.endswith(b"\r\n\r\n"):
            heard += _next(connection, 1, heard)
        head = heard.decode("latin-1").removesuffix("\r\n\r\n")
    [length] = [
        int(line[15:]) for line in head.lower().split("\r\n") if line.startswith("content-length:")
    ]
    body = b""
    while len(body) < length:
        body += _next(connection, length - len(body), heard)
    return Heard(int(head.split(" ")[1]), head, body)


def _next(connection: socket.socket, most: int, heard: bytes) -> bytes:
    piece = connection.recv(most)
    if not piece:
        raise ConnectionResetError(heard)
    return piece


def ask(port: int, request: bytes) -> Heard:
    with connect(port) as connection:
        connection.sendall(request)
        return hear(connection)


def head(line: str, *headers: str) -> bytes:
    version = "" if "HTTP/" in line else " HTTP/1.1"
    return "\r\n".join([line + version, "Host: x", *headers, "", ""]).encode("latin-1")


def chunked(*pieces: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (*pieces, b""))


BODY = b"some words " * 20
FRAMINGS = {
    "announced": head("POST /", f"Content-Length: {len(BODY)}") + BODY,
    "chunked": head("POST /", "Transfer-Encoding: chunked") + chunked(BODY[:100], BODY[100:]),
    "chunked, each byte alone": head("POST /", "Transfer-Encoding: chunked")
    + chunked(*(BODY[n : n + 1] for n in range(len(BODY)))),
    "chunked, with extensions and a trailer": head("POST /", "Transfer-Encoding: chunked")
    + b"%x;name=value\r\n%s\r\n0\r\nX-Sum: 1\r\n\r\n" % (len(BODY), BODY),
    "HTTP/1.0": head("POST / HTTP/1.0", f"Content-Length: {len(BODY)}") + BODY,
    "asked for first": head("POST /", f"Content-Length: {len(BODY)}", "Expect: 100-continue")
    + BODY,
    "both announced and chunked": head(
        "POST /", "Content-Length: 3", "Transfer-Encoding: chunked", "Connection: close"
    )
    + chunked(BODY),
}


# --- Framings ------------------------------------------------------------------------------------


@pytest.mark.parametrize("framing", FRAMINGS)
def test_a_body_is_read_whatever_its_framing(port: int, framing: str) -> None:
    heard = ask(port, FRAMINGS[framing])
    if framing == "both announced and chunked" and heard.status == 400:
        return  # may be refused as an attempt at smuggling
    assert heard.status == 200
    assert heard.told["length"] == len(BODY)
    assert heard.told["CONTENT_LENGTH"] == str(len(BODY))
    assert "HTTP_TRANSFER_ENCODING" not in heard.told


@pytest.mark.parametrize("framing", ["announced", "chunked", "asked for first"])
def test_a_body_that_comes_in_drips_is_read(port: int, framing: str) -> None:
    request = FRAMINGS[framing]
    with connect(port) as connection:
        for place in range(0, len(request), 50):
            connection.sendall(request[place : place + 50])
            time.sleep(0.05)
        heard = hear(connection)
        assert (heard.status, heard.told["length"]) == (200, len(BODY))
        # The connection is kept.
        connection.sendall(head("GET /"))
        assert hear(connection).told["length"] == 0


def test_requests_behind_each_other_are_answered_in_turn(port: int) -> None:
    with connect(port) as connection:
        connection.sendall(FRAMINGS["announced"] + FRAMINGS["chunked"] + head("GET /last"))
        assert hear(connection).told["length"] == len(BODY)
        assert hear(connection).told["length"] == len(BODY)
        assert hear(connection).told["PATH_INFO"] == "/last"


def test_over_http_1_0_a_length_is_needed(port: int) -> None:
    assert ask(port, head("POST / HTTP/1.0") + BODY).status == 411
    assert ask(port, head("GET / HTTP/1.0")).told["SERVER_PROTOCOL"] == "HTTP/1.0"


TRACE = "24d7cbf2a13f938741e8d2351d535556"
TURNED_AWAY = {
    "no length": (411, head("POST / HTTP/1.0", f"traceparent: 00-{TRACE}-2c30279c4891e50f-01")),
    "too long": (413, head("POST /", f"Content-Length: {MAX + 1}", "Expect: 100-continue")),
    "too slow": (408, head("POST /", "Content-Length: 10") + b"some"),
}


@pytest.mark.parametrize("why", TURNED_AWAY)
def test_who_is_turned_away_is_told_why_in_the_words_of_the_api(port: int, why: str) -> None:
    status, request = TURNED_AWAY[why]
    heard = ask(port, request)
    trace_id = heard.told["traceId"]
    assert (heard.status, heard.told["status"]) == (status, status)
    assert {"type", "title", "detail"} < heard.told.keys()
    assert f"x-trace-id: {trace_id}" in heard.head.lower()
    assert "content-type: application/json" in heard.head.lower()
    assert (TRACE in trace_id) is (why == "no length")
    assert ["POST", status, trace_id] in ask(port, head("GET /counts")).told["turned_away"]


def test_a_length_may_be_told_twice_if_it_is_the_same(port: int) -> None:
    heard = ask(port, head("POST /", "Content-Length: 5", "Content-Length: 5") + b"hello")
    assert heard.status == 400 or heard.told["length"] == 5


def test_no_body_is_an_empty_one(port: int) -> None:
    for request in (head("POST /"), head("POST /", "Content-Length: 0"), head("GET /")):
        assert ask(port, request).told["length"] == 0


@pytest.mark.parametrize(
    "request_",
    [
        head("POST /", f"Content-Length: {len(BODY)}") + BODY[:100],
        head("POST /", "Transfer-Encoding: chunked") + b"64\r\n" + BODY[:100] + b"\r\n",
    ],
)
def test_a_body_that_ends_early_is_never_taken_for_the_whole(port: int, request_: bytes) -> None:
    with connect(port) as connection:
        connection.sendall(request_)
        connection.shutdown(socket.SHUT_WR)
        try:
            heard = hear(connection)
        except ConnectionResetError:
            return
        assert heard.status == 400
        assert b"The body ends before its" in heard.body


# --- Who is not waited for -----------------------------------------------------------------------


def test_who_is_refused_and_sends_steadily_may_send_all_before_it_reads_why(port: int) -> None:
    """Cut off in the middle, it may find the connection broken and read nothing."""
    pieces = 5
    with connect(port) as connection:
        connection.sendall(head("POST /refused", f"Content-Length: {pieces * 100_000}"))
        for _ in range(pieces):
            time.sleep((DRAINED + 1) / pieces)
            connection.sendall(b"x" * 100_000)
        heard = hear(connection)
    assert (heard.status, heard.body) == (401, b"No.")


@pytest.mark.parametrize("framing", ["Content-Length: 1000", "Transfer-Encoding: chunked"])
def test_who_is_refused_without_the_body_is_not_waited_for(port: int, framing: str) -> None:
    with connect(port) as connection:
        connection.sendall(head("POST /refused", framing))
        begun = time.monotonic()
        heard = hear(connection)
    assert (heard.status, heard.body) == (401, b"No.")
    assert time.monotonic() - begun < 10


def test_who_asks_first_is_told_before_sending(port: int) -> None:
    expecting = ("Expect: 100-continue", "Content-Length: 1000")
    with connect(port) as connection:
        connection.sendall(head("POST /refused", *expecting))
        assert connection.recv(100).startswith(b"HTTP/1.1 401 ")
    with connect(port) as connection:
        connection.sendall(head("POST /", *expecting))
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"x" * 1000)
        assert hear(connection).told["length"] == 1000


def test_a_refusal_reaches_who_is_still_sending(port: int) -> None:
    with connect(port) as connection:
        connection.sendall(head("POST /refused", "Content-Length: 1900000"))
        for _ in range(19):
            connection.sendall(b"x" * 100_000)
        assert hear(connection).status == 401


# --- Too slow, too large -------------------------------------------------------------------------


@pytest.mark.parametrize("framing", ["Content-Length: 1000", "Transfer-Encoding: chunked"])
def test_attack_a8_a_body_that_comes_too_slowly_is_given_up(port: int, framing: str) -> None:
    with connect(port) as connection:
        connection.sendall(head("POST /", framing))
        connection.settimeout(0.1)
        begun = time.monotonic()
        heard = b""
        while not heard and time.monotonic() - begun < 30:
            connection.sendall(b"1\r\nx\r\n" if "chunked" in framing else b"x")
            try:
                heard = connection.recv(1000)
            except TimeoutError:
                continue
    assert heard.startswith(b"HTTP/1.1 408 ")
    assert time.monotonic() - begun >= TIMEOUT


@pytest.mark.parametrize("path", ["/", "/small"])
def test_a_body_that_is_too_large_is_refused_in_any_framing(port: int, path: str) -> None:
    body = b"x" * ((1_000 if path == "/small" else MAX) + 1)
    for request in (
        head(f"POST {path}", f"Content-Length: {len(body)}") + body,
        head(f"POST {path}", "Transfer-Encoding: chunked") + chunked(body[:900], body[900:]),
        head(f"POST {path}", f"Content-Length: {len(body)}", "Expect: 100-continue"),
    ):
        heard = ask(port, request)
        assert (heard.status, heard.told["detail"]) == (
            413,
            f"The body may be {len(body) - 1} bytes long.",
        )


def test_attack_a9_heavy_bodies_are_answered_one_at_a_time(port: int) -> None:
    body = b"x" * (HEAVY + 1)
    request = head("POST /busy", f"Content-Length: {len(body)}") + body
    with ExitStack() as stack:
        callers = [stack.enter_context(connect(port)) for _ in range(4)]
        for caller in callers:
            caller.sendall(request)
        for caller in callers:
            assert hear(caller).told["length"] == len(body)
    assert ask(port, head("GET /counts")).told["most_at_work"] == 1


def test_room_for_large_bodies_is_taken_before_they_are_read_and_given_back(port: int) -> None:
    """Two of the largest find room; another one is told to come again, and small ones go by."""
    announced = head("POST /", f"Content-Length: {MAX}")
    with ExitStack() as stack:
        callers = [stack.enter_context(connect(port)) for _ in range(3)]
        for caller in callers:
            # What has come gives those who find room more time than the other one has to wait.
            caller.sendall(announced + b"x" * (MAX // 8))
        assert ask(port, FRAMINGS["announced"]).status == 200
        heard = sorted(hear(caller).status for caller in callers)
    assert heard == [408, 408, 503]
    whole = announced + b"x" * MAX
    assert ask(port, whole).told["length"] == MAX


def test_callers_of_one_sort_flood_no_memory_and_take_no_room_from_another(port: int) -> None:
    """A kilobyte, or sixteen of them, is always taken in."""
    announced = head("POST /flooded", f"Content-Length: {LARGE}")
    in_chunks = head("POST /flooded", "Transfer-Encoding: chunked") + b"%x\r\n" % LARGE
    for flood in (announced, in_chunks):
        with ExitStack() as stack:
            for _ in range(2):
                stack.enter_context(connect(port)).sendall(flood + b"x" * (LARGE - 1))
            third = stack.enter_context(connect(port))
            third.sendall(flood + b"x" * 20_000)
            for path, length in (("/", LARGE), ("/flooded", 1_000)):
                whole = head(f"POST {path}", f"Content-Length: {length}") + b"x" * length
                assert ask(port, whole).told["length"] == length
            assert hear(third).status == 503
        wait_until(lambda: ask(port, announced + b"x" * LARGE).status == 200)


# --- Long answers --------------------------------------------------------------------------------


def test_a_long_answer_comes_whole(port: int) -> None:
    with connect(port) as connection:
        connection.sendall(head("GET /long?40", "Connection: close"))
        heard = b""
        while piece := connection.recv(1_000_000):
            heard += piece
    assert heard.partition(b"\r\n\r\n")[2].count(b"x") == 40 * 65_536


def test_slow_readers_of_long_answers_take_no_thread_and_only_their_places(port: int) -> None:
    closed = ask(port, head("GET /counts")).told["closed"]
    with ExitStack() as stack:
        for _ in range(LONG_ANSWERS):
            reader = stack.enter_context(connect(port, SO_RCVBUF=4096))
            reader.sendall(head("GET /long?1000"))
            assert reader.recv(100).startswith(b"HTTP/1.1 200 ")
        assert LONG_ANSWERS > THREADS
        assert ask(port, head("GET /")).status == 200
        refused = ask(port, head("GET /long?1000"))
        assert refused.status == 503
        assert "retry-after:" in refused.head.lower()
        assert refused.told["traceId"] == "of-the-long"
        # What the application tells of, is what was given.
        assert ask(port, head("GET /counts")).told["told"][-LONG_ANSWERS - 1 :] == [
            *[200] * LONG_ANSWERS,
            503,
        ]
        # Whoever takes nothing for as long as that loses the place.
        wait_until(lambda: ask(port, head("GET /counts")).told["closed"] > closed + LONG_ANSWERS)
        with connect(port) as connection:
            connection.sendall(head("GET /long?5"))
            assert connection.recv(100).startswith(b"HTTP/1.1 200 ")


def test_nothing_is_made_for_who_has_gone(port: int) -> None:
    closed = ask(port, head("GET /counts")).told["closed"]
    with connect(port) as connection:
        connection.sendall(head("GET /long?1000000"))
        assert connection.recv(100).startswith(b"HTTP/1.1 200 ")
    wait_until(lambda: ask(port, head("GET /counts")).told["closed"] == closed + 1)


def wait_until(happened: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.05)


# --- Parked --------------------------------------------------------------------------------------


def test_requests_that_wait_for_something_hold_no_thread(port: int) -> None:
    with ExitStack() as stack:
        callers = [stack.enter_context(connect(port)) for _ in range(10 * THREADS)]
        for caller in callers:
            caller.sendall(head("POST /parked", f"Content-Length: {len(BODY)}") + BODY)
        wait_until(lambda: ask(port, head("GET /counts")).told["parked"] == len(callers))
        assert ask(port, head("GET /")).status == 200
        assert ask(port, head("GET /unpark")).status == 200
        for caller in callers:
            heard = hear(caller)
            assert (heard.status, heard.told["told"]) == (200, "It has happened.")
            # Called again, the application is not given the body again.
            assert heard.told["length"] == 0
        # The connections are kept.
        for caller in callers:
            caller.sendall(head("GET /again"))
            assert hear(caller).told["PATH_INFO"] == "/again"


def test_who_gives_up_waiting_keeps_nobody_else_from_the_answer(port: int) -> None:
    with connect(port) as caller:
        with connect(port) as leaver:
            for connection in (leaver, caller):
                connection.sendall(head("POST /parked", "Content-Length: 5") + b"hello")
            wait_until(lambda: ask(port, head("GET /counts")).told["parked"] == 2)
        wait_until(lambda: ask(port, head("GET /")).status == 200)
        assert ask(port, head("GET /unpark")).status == 200
        assert hear(caller).told["told"] == "It has happened."


# --- Headers -------------------------------------------------------------------------------------


def test_attack_a27_headers_with_underscores_are_left_out(port: int) -> None:
    heard = ask(
        port,
        head(
            "GET /",
            "X_Forwarded_For: 6.6.6.6",
            "X-Forwarded_For: 6.6.6.7",
            "x-forwarded-for: 1.1.1.1",
        ),
    )
    assert heard.told["HTTP_X_FORWARDED_FOR"] == "1.1.1.1"
    alone = ask(port, head("POST /", "Content_Length: 5", "Content_Type: text/x", "X_A: 1"))
    assert alone.told["length"] == 0
    assert not {"HTTP_X_A", "HTTP_CONTENT_LENGTH", "HTTP_CONTENT_TYPE", "CONTENT_TYPE"} & set(
        alone.told
    )


def test_headers_of_one_name_are_joined_in_their_order(port: int) -> None:
    told = ask(
        port,
        head("GET /", "X-Forwarded-For: a", "X-Forwarded-For: b, c", "Cookie: d=1", "Cookie: e=2"),
    ).told
    assert told["HTTP_X_FORWARDED_FOR"] == "a,b, c"
    assert told["HTTP_COOKIE"] == "d=1; e=2"


def test_a_hundred_thousand_headers_in_one_packet_are_not_read(port: int) -> None:
    """HTTP/2 spells a header that came before in one byte (RFC 7541, section 6.1)."""
    for count, told in ((100, b"HTTP_COOKIE"), (100_000, b"The request has too many headers.")):
        with connect(port) as connection:
            begun = time.monotonic()
            connection.sendall(over_http_2(count))
            heard = b""
            while told not in heard:
                piece = connection.recv(65_536)
                assert piece
                heard += piece
        assert time.monotonic() - begun < 5


def over_http_2(count: int) -> bytes:
    """A request with so many cookies (RFC 9113; names and values as RFC 7541 has them)."""

    def spelled(text: bytes) -> bytes:
        return bytes([len(text)]) + text

    named = b"\x82\x86\x84\x41" + spelled(b"localhost")  # GET, http, / of the static table
    cookies = b"\x40" + spelled(b"cookie") + spelled(b"aaaaaaaa") + b"\xbe" * (count - 1)
    block = named + cookies
    pieces = [block[at : at + 16_384] for at in range(0, len(block), 16_384)]
    frames = [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\0\0\0\4\0" + bytes(4)]
    for number, piece in enumerate(pieces):
        kind = 1 if number == 0 else 9
        flags = (1 if number == 0 else 0) | (4 if number == len(pieces) - 1 else 0)
        stream = (1).to_bytes(4)
        frames.append(len(piece).to_bytes(3) + bytes([kind, flags]) + stream + piece)
    return b"".join(frames)


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: 5", "Content-Length: 6"),
        ("Content-Length: +5",),
        ("Content-Length: 5, 6",),
        ("Content-Length: -1",),
        ("Content-Length: 0x5",),
        ("Transfer-Encoding: chunked, identity",),
        ("Transfer-Encoding: xchunked",),
    ],
)
def test_a_body_whose_end_is_in_doubt_is_refused(port: int, lines: tuple[str, ...]) -> None:
    """https://www.rfc-editor.org/rfc/rfc9112#section-6.3"""
    with connect(port) as connection:
        connection.sendall(head("POST /", *lines) + b"hello" + head("GET /smuggled"))
        heard = b""
        while piece := connection.recv(65_536):
            heard += piece
    assert heard.startswith(b"HTTP/1.1 400 ")
    assert b"smuggled" not in heard


def test_what_an_answer_says_twice_is_said_twice(port: int) -> None:
    assert ask(port, head("GET /")).head.lower().count("set-cookie:") == 2


def test_paths_are_passed_on_byte_by_byte(port: int) -> None:
    told = ask(port, head("GET /a%2Fb%C3%A6%FF?x=%C3%A6&y")).told
    assert told["PATH_INFO"].encode("latin-1") == b"/a/b\xc3\xa6\xff"
    assert told["QUERY_STRING"] == "x=%C3%A6&y"
