"""Whoever makes something ready wakes whoever takes it: after the commit, and cheaply."""

import os
import socket
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable, Iterator

import pytest
import redis
from django.conf import LazySettings
from django.db import transaction

from runtime.jobs import wake_ups
from runtime.jobs.wake_ups import APART, MAX_CALLS, Caller, Listener
from tests.dispatch.raw_server import RawServer

KIND = "tests"
KEY = "notifications:ready:tests"
REQUEST = 0.000_7
"""Seconds of CPU that a request which places an order takes at the least."""


@pytest.fixture(autouse=True)
def _calls_of_this_test(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    caller = Caller()
    monkeypatch.setattr(wake_ups, "_caller", caller)
    yield
    caller.flush()


@pytest.fixture
def broker(settings: LazySettings) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.delete(KEY)
        yield client
        client.delete(KEY)


def until(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < deadline, "waited in vain"


@pytest.mark.django_db(transaction=True)
def test_a_call_is_made_after_the_commit_and_not_after_a_rollback(broker: redis.Redis) -> None:
    with transaction.atomic():
        wake_ups.after_commit(KIND)
        transaction.set_rollback(True)
    with transaction.atomic():
        wake_ups.after_commit(KIND)
        wake_ups._caller.flush()
        assert not broker.exists(KEY)
    assert Listener(KIND).listen()
    assert not broker.exists(KEY), "one call came, of the transaction that was committed"


def test_one_listener_takes_a_call_and_calls_that_nobody_takes_do_not_pile_up(
    broker: redis.Redis,
) -> None:
    for _ in range(MAX_CALLS + 3):
        wake_ups.now(KIND)
        wake_ups._caller.flush()
        time.sleep(APART)
    assert broker.llen(KEY) == MAX_CALLS
    listeners = [Listener(KIND) for _ in range(MAX_CALLS)]
    assert all(listener.listen() for listener in listeners)
    assert not broker.exists(KEY)


def test_ten_thousand_calls_are_a_few_and_cost_a_request_next_to_nothing(
    broker: redis.Redis,
) -> None:
    count = 10_000
    pushed = calls_made(broker)
    begun, cpu = time.monotonic(), time.process_time()
    for _ in range(count):
        wake_ups.now(KIND)
    wake_ups._caller.flush()
    took, cpu = time.monotonic() - begun, time.process_time() - cpu
    assert 1 <= calls_made(broker) - pushed <= took / APART + 2
    assert cpu / count < 0.03 * REQUEST


def calls_made(broker: redis.Redis) -> int:
    return int(broker.info("commandstats").get("cmdstat_lpush", {}).get("calls", 0))


def test_what_is_ready_in_a_moment_is_called_then_and_what_is_ready_now_before_it(
    broker: redis.Redis,
) -> None:
    begun, moment = time.monotonic(), 1.5
    wake_ups.now(KIND, wait=moment)
    wake_ups.now(KIND)
    listener = Listener(KIND)
    assert listener.listen()
    assert time.monotonic() - begun < moment
    assert listener.listen()
    assert time.monotonic() - begun >= moment


def test_the_first_call_is_made_at_once_and_those_that_are_cheaper_together_wait(
    broker: redis.Redis,
) -> None:
    begun = time.monotonic()
    wake_ups.now(KIND, apart=0.3)
    listener = Listener(KIND)
    assert listener.listen()
    for _ in range(100):
        wake_ups.now(KIND, apart=0.3)
    pushed = calls_made(broker)
    assert listener.listen()
    assert time.monotonic() - begun >= 0.3
    assert calls_made(broker) - pushed <= 10  # of a hundred, on a machine that halts


# Since Python 3.12 a fork beside threads is warned of, which is what is tried here.
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_makes_its_own_calls(broker: redis.Redis) -> None:
    wake_ups.now(KIND)
    assert Listener(KIND).listen()
    child = os.fork()
    if not child:
        wake_ups.now(KIND)
        wake_ups._caller.flush()
        time.sleep(wake_ups.TIME_OUT)
        os._exit(0)
    assert Listener(KIND).listen()
    os.waitpid(child, 0)


def test_a_redis_that_hangs_holds_up_nobody_and_is_called_again_when_it_answers(
    broker: redis.Redis, settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    url = settings.REDIS_URL
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        settings.REDIS_URL = f"redis://127.0.0.1:{hanging.getsockname()[1]}/0"
        begun = time.monotonic()
        for _ in range(1_000):
            wake_ups.now(KIND)
        assert time.monotonic() - begun < wake_ups.TIME_OUT
        until(lambda: "Wake-ups do not get through" in caplog.text)
        wake_ups._caller._broker._client = None
        settings.REDIS_URL = url
    assert Listener(KIND).listen()


@pytest.mark.parametrize("is_of_another_kind", [True, False], ids=["refused", "away"])
def test_a_listener_whose_redis_refuses_or_is_away_waits_a_moment_and_goes_on(
    broker: redis.Redis,
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
    is_of_another_kind: bool,
) -> None:
    monkeypatch.setattr(wake_ups, "BACK_OFF", 0.01)
    if is_of_another_kind:
        broker.set(KEY, "not a list")
    else:
        settings.REDIS_URL = "redis://127.0.0.1:1/0"
    listener = Listener(KIND)
    assert not listener.listen()
    assert not listener.listen()


@pytest.mark.parametrize("answer", [b":1", b"+OK\r\n", b"*0", b"-READONLY", b"-MOVED 1 a:1", b"x"])
def test_a_listener_takes_nothing_else_for_a_call_and_goes_on(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    monkeypatch.setattr(wake_ups, "BACK_OFF", 0.01)

    async def conversation(reader: StreamReader, writer: StreamWriter) -> None:
        while await reader.read(65_536):
            writer.write(answer + b"\r\n")
            await writer.drain()

    server = RawServer(conversation)
    try:
        settings.REDIS_URL = f"redis://127.0.0.1:{server.port}/0"
        listener = Listener(KIND)
        assert not listener.listen()
        assert not listener.listen()
    finally:
        server.stop()


def test_a_broker_that_only_celery_knows_is_not_called(settings: LazySettings) -> None:
    settings.REDIS_URL = "sentinel://127.0.0.1:1/0"
    wake_ups.now(KIND)
    wake_ups._caller.flush()
