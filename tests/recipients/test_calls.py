"""Asking a register over HTTP, and cutting long questions into batches."""

import asyncio
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress

import pytest
from aiohttp import web
from pytest_django import Settings
from structlog.testing import capture_logs

from recipients.registers import AnswerUnusable, RegisterUnavailable, calls
from recipients.registers.calls import QuestionRefused, ask_in_batches, masked_identifier, post
from runtime.web import outgoing
from tests.recipients.local_server import Call, LocalServer, never


def ask(server_url: str) -> object:
    return outgoing.run(
        post(register="Profile", base_url=server_url, path="question", body={"who": ["me"]}),
        timeout=20,
    )


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_answer_is_json(server: LocalServer, slash: str) -> None:
    server.answer("/question", {"answer": [1, "æ"]})
    assert ask(f"{server.url}{slash}") == {"answer": [1, "æ"]}
    assert server.bodies("/question") == [{"who": ["me"]}]


@pytest.mark.parametrize("status", [201, 204, 301, 302, 401, 403, 404, 429, 500, 502, 503, 504])
def test_any_status_but_200_makes_the_register_unavailable(
    server: LocalServer, status: int
) -> None:
    server.answer(
        "/question",
        lambda call: web.json_response({}, status=status, headers={"Location": "/elsewhere"}),
    )
    with pytest.raises(RegisterUnavailable, match=str(status)) as raised:
        ask(server.url)
    assert raised.value.register == "Profile"
    assert len(server.calls) == 1


def test_a_bad_request_is_told_apart(server: LocalServer) -> None:
    server.answer("/question", lambda call: web.json_response({}, status=400))
    with pytest.raises(QuestionRefused):
        ask(server.url)


@pytest.mark.parametrize(
    "garbage",
    [b"", b"<html>11876995923</html>", b'{"a": ', b'{"a": "\xff"}', b"[" * 100_000],
)
def test_an_answer_that_is_not_json_is_no_answer(server: LocalServer, garbage: bytes) -> None:
    server.answer("/question", garbage)
    with pytest.raises(RegisterUnavailable, match="other than JSON") as raised:
        ask(server.url)
    assert "1187" not in str(raised.value)


def test_an_answer_cut_short_is_no_answer(server: LocalServer) -> None:
    async def cut(call: Call) -> object:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(call.request)
        await response.write(b'{"a": 1}')
        assert call.request.transport is not None
        call.request.transport.close()
        return response

    server.answer("/question", cut)
    with pytest.raises(RegisterUnavailable):
        ask(server.url)


def test_a_register_that_does_not_answer_in_time_is_unavailable(
    server: LocalServer, settings: Settings
) -> None:
    settings.REGISTER_CALL_TIMEOUT = 0.2
    server.answer("/question", never)
    with pytest.raises(RegisterUnavailable, match=r"no answer within 0\.2 seconds"):
        ask(server.url)


def test_an_answer_that_drips_does_not_outlast_the_time_limit(
    server: LocalServer, settings: Settings
) -> None:
    async def drip(call: Call) -> object:
        response = web.StreamResponse()
        await response.prepare(call.request)
        for _ in range(100):
            await response.write(b" ")
            await asyncio.sleep(0.05)
        return response

    settings.REGISTER_CALL_TIMEOUT = 0.3
    server.answer("/question", drip)
    with pytest.raises(RegisterUnavailable, match="no answer within"):
        ask(server.url)


def test_a_register_that_is_not_there_is_unavailable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but not listening
        with pytest.raises(RegisterUnavailable, match="ClientConnectorError"):
            ask(f"http://127.0.0.1:{taken.getsockname()[1]}")


def test_a_register_without_address_is_unavailable() -> None:
    with pytest.raises(RegisterUnavailable):
        ask("")


@pytest.mark.parametrize("how", ["close", "abort"])
def test_a_lost_connection_is_asked_again_once(server: LocalServer, how: str) -> None:
    def lose_the_second(call: Call) -> object:
        if len(server.calls) == 2:
            getattr(call.request.transport, how)()
        return {}

    server.answer("/question", lose_the_second)
    assert ask(server.url) == {}
    assert ask(server.url) == {}
    assert len(server.calls) == 3


def test_a_connection_lost_twice_makes_the_register_unavailable(server: LocalServer) -> None:
    def lose(call: Call) -> object:
        assert call.request.transport is not None
        call.request.transport.abort()
        return {}

    server.answer("/question", lose)
    with pytest.raises(RegisterUnavailable):
        ask(server.url)
    assert len(server.calls) == 2


def test_a_connection_that_cannot_be_made_is_not_tried_again() -> None:
    tries = []

    def speak_no_tls(listening: socket.socket) -> None:
        with suppress(OSError):  # until the test closes it
            while True:
                connection, _ = listening.accept()
                tries.append(connection)
                connection.sendall(b"no TLS here")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=speak_no_tls, args=[listening], daemon=True).start()
        with pytest.raises(RegisterUnavailable):
            ask(f"https://127.0.0.1:{listening.getsockname()[1]}")
        listening.shutdown(socket.SHUT_RDWR)
    assert len(tries) == 1
    tries[0].close()


def in_batches(
    items: Sequence[int], *, bad: frozenset[int] = frozenset(), size: int = 10
) -> tuple[list[list[int]], list[list[int]]]:
    """What was answered, and what was asked."""
    asked: list[list[int]] = []

    async def question(batch: Sequence[int]) -> list[int]:
        asked.append(list(batch))
        await asyncio.sleep(0)
        if bad.intersection(batch):
            raise QuestionRefused
        return list(batch)

    answered = outgoing.run(
        ask_in_batches(items, register="Profile", size=size, ask=question, masked=str), timeout=20
    )
    return answered, asked


def test_a_long_question_is_cut_into_batches() -> None:
    answered, asked = in_batches(range(25))
    assert answered == asked == [[*range(10)], [*range(10, 20)], [*range(20, 25)]]


def test_an_item_is_asked_for_once() -> None:
    answered, _ = in_batches([1, 2, 1, 3, 2])
    assert answered == [[1, 2, 3]]


def test_nothing_is_asked_when_there_is_nothing_to_ask() -> None:
    assert in_batches([]) == ([], [])


def test_no_more_than_eight_calls_run_at_once() -> None:
    running, most = 0, 0

    async def question(batch: Sequence[int]) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.005)
        running -= 1

    outgoing.run(
        ask_in_batches(range(30), register="Profile", size=1, ask=question, masked=str), timeout=20
    )
    assert most == 8


@pytest.mark.parametrize("bad", [{0}, {499}, {999}, {3, 4, 700}, set(range(100, 110))])
def test_a_refused_batch_is_halved_until_the_bad_items_are_alone(bad: set[int]) -> None:
    with capture_logs() as logs:
        answered, asked = in_batches(range(1_500), bad=frozenset(bad), size=1_000)
    assert sorted(item for batch in answered for item in batch) == sorted({*range(1_500)} - bad)
    assert sorted(log["item"] for log in logs) == sorted(map(str, bad))
    assert len(asked) <= 2 + 20 * len(bad)


def test_a_single_bad_item_is_asked_for_once_and_unknown() -> None:
    assert in_batches([7], bad=frozenset({7})) == ([], [[7]])


def test_a_few_items_that_are_all_refused_are_all_unknown() -> None:
    assert in_batches(range(10), bad=frozenset(range(10)))[0] == []


def test_a_register_that_refuses_nearly_everything_is_out_of_order() -> None:
    with pytest.raises(RegisterUnavailable, match="refused more than 20"):
        in_batches(range(1_000), bad=frozenset(range(1_000)), size=1_000)


@pytest.mark.parametrize("bad", [{0}, {999}, {3, 4, 700}])
def test_whom_a_register_cannot_answer_for_is_found_among_the_others(bad: set[int]) -> None:
    asked: list[Sequence[int]] = []

    async def question(batch: Sequence[int]) -> None:
        asked.append(batch)
        if bad.intersection(batch):
            raise AnswerUnusable("Profile", "it answered with status 500")

    with pytest.raises(RegisterUnavailable, match="status 500") as raised, capture_logs() as logs:
        outgoing.run(
            ask_in_batches(
                range(1_000), register="Profile", size=1_000, ask=question, masked=lambda n: "***"
            ),
            timeout=20,
        )
    assert raised.value.about == {*map(str, bad)}
    assert [log["item"] for log in logs] == ["***"] * len(bad)
    assert len(asked) <= 1 + 20 * len(bad)


def test_a_register_that_answers_for_nobody_is_soon_known_to_be_out_of_order() -> None:
    asked = 0

    async def question(batch: Sequence[int]) -> None:
        nonlocal asked
        asked += 1
        raise AnswerUnusable("Profile", "it answered with status 500")

    with pytest.raises(RegisterUnavailable, match="status 500") as raised:
        outgoing.run(
            ask_in_batches(range(1_000), register="Profile", size=1_000, ask=question, masked=str),
            timeout=20,
        )
    assert not raised.value.about
    assert asked < 25


def test_an_answer_without_end_is_cut_off(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "MAX_ANSWER_BYTES", 100_000)
    lost = threading.Event()

    async def flood(call: Call) -> object:
        response = web.StreamResponse()
        await response.prepare(call.request)
        try:
            while True:
                await response.write(b" " * 65_536)
        finally:
            lost.set()

    server.answer("/question", flood)
    with pytest.raises(RegisterUnavailable, match="too large"):
        ask(server.url)
    assert lost.wait(20)


def test_one_failing_batch_fails_the_question_and_ends_the_others() -> None:
    cancelled = threading.Event()

    async def question(batch: Sequence[int]) -> None:
        if batch[0] == 1:
            raise RegisterUnavailable("Profile", "it answered with status 500")
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    with pytest.raises(RegisterUnavailable):
        outgoing.run(
            ask_in_batches(range(3), register="Profile", size=1, ask=question, masked=str),
            timeout=20,
        )
    assert cancelled.is_set()


def test_an_identifier_is_masked_in_the_log() -> None:
    assert masked_identifier("11876995923") == "118769*****"
