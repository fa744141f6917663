"""What a creator may ask for in a minute is counted by everybody together, or not at all."""

import socket
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Barrier
from uuid import uuid4

import pytest
import redis
from django.conf import LazySettings

from orders import rate_limits
from orders.rate_limits import Counters, LimitExceeded, count_recipients, count_request
from tests.notifications.conftest import Worker

NOON = datetime(2025, 8, 25, 10, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SHORT = rate_limits.TIME_OUT


@pytest.fixture
def name() -> str:
    """A creator whom nobody has counted yet."""
    return f"ttd-{uuid4().hex}"


@pytest.fixture(autouse=True)
def few(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Low limits, and patience with a Redis on a busy machine."""
    settings.CREATOR_REQUESTS_PER_MINUTE = 3
    settings.CREATOR_RECIPIENTS_PER_MINUTE = 10
    monkeypatch.setattr(rate_limits, "TIME_OUT", 5.0)
    rate_limits.counters_at.cache_clear()
    yield
    rate_limits.counters_at.cache_clear()


@pytest.fixture
def refusing(settings: LazySettings) -> str:
    """The address of a Redis that is not there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings.REDIS_URL = f"redis://:secret@127.0.0.1:{probe.getsockname()[1]}/0"
    return str(settings.REDIS_URL)


@pytest.fixture
def hanging(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A Redis that takes connections and never says a word."""
    monkeypatch.setattr(rate_limits, "TIME_OUT", SHORT)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        settings.REDIS_URL = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        yield server


def connections(server: socket.socket) -> int:
    """How many were made since last asked."""
    count = 0
    with suppress(BlockingIOError):
        while True:
            server.accept()[0].close()
            count += 1
    return count


def seconds_of(name: str, *, requests: int = 1) -> float:
    start = time.monotonic()
    for _ in range(requests):
        count_request(creator_name=name, now=NOON)
    return time.monotonic() - start


def test_the_first_requests_of_a_minute_pass_and_the_next_is_refused(name: str) -> None:
    for _ in range(3):
        count_request(creator_name=name, now=NOON)
    with pytest.raises(LimitExceeded, match="At most 3 requests"):
        count_request(creator_name=name, now=NOON + 59 * SECOND)


def test_the_next_minute_is_counted_anew(name: str) -> None:
    for _ in range(4):
        with suppress(LimitExceeded):
            count_request(creator_name=name, now=NOON)
    count_request(creator_name=name, now=NOON + 60 * SECOND)


@pytest.mark.parametrize(
    ("second", "wait"), [(0.0, 60), (0.001, 60), (1.0, 59), (30.5, 30), (59.0, 1), (59.999, 1)]
)
def test_who_is_refused_is_told_when_the_next_minute_begins(
    name: str, second: float, wait: int
) -> None:
    with pytest.raises(LimitExceeded) as refused:
        count_recipients(11, creator_name=name, now=NOON + timedelta(seconds=second))
    assert refused.value.retry_after == wait


def test_recipients_are_taken_up_to_the_limit(name: str) -> None:
    count_recipients(4, creator_name=name, now=NOON)
    count_recipients(6, creator_name=name, now=NOON)
    with pytest.raises(LimitExceeded, match="At most 10 recipients"):
        count_recipients(1, creator_name=name, now=NOON)


def test_recipients_that_were_refused_do_not_count(name: str) -> None:
    count_recipients(9, creator_name=name, now=NOON)
    with pytest.raises(LimitExceeded):
        count_recipients(2, creator_name=name, now=NOON)
    count_recipients(1, creator_name=name, now=NOON)


def test_requests_and_recipients_are_counted_apart(name: str) -> None:
    count_recipients(10, creator_name=name, now=NOON)
    count_request(creator_name=name, now=NOON)


def test_each_creator_is_counted_apart(name: str) -> None:
    for _ in range(4):
        with suppress(LimitExceeded):
            count_request(creator_name=name, now=NOON)
    for other in (name.upper(), f"{name}:", "skd-" + name):
        count_request(creator_name=other, now=NOON)


def test_zero_is_no_limit_and_costs_no_redis(
    name: str, hanging: socket.socket, settings: LazySettings
) -> None:
    settings.CREATOR_REQUESTS_PER_MINUTE = settings.CREATOR_RECIPIENTS_PER_MINUTE = 0
    for _ in range(5):
        count_request(creator_name=name, now=NOON)
        count_recipients(1_000_000, creator_name=name, now=NOON)
    assert connections(hanging) == 0


@pytest.fixture
def restless() -> Iterator[None]:
    """Threads take turns as often as they can, so that they get in each other's way."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def test_many_at_once_are_counted_like_one_after_the_other(
    name: str, settings: LazySettings, restless: None
) -> None:
    for attempt in range(20):
        # Nobody is connected yet.
        counters, start = Counters(settings.REDIS_URL), Barrier(8)
        counter = f"limits:test:{name}:{attempt}"

        def job(
            counters: Counters = counters, start: Barrier = start, counter: str = counter
        ) -> int:
            start.wait(60)
            return counters.add(1, counter)

        workers = [Worker(job) for _ in range(8)]
        assert sorted(worker.result() for worker in workers) == list(range(1, 9))


def test_counters_do_not_stay_in_redis(name: str, settings: LazySettings) -> None:
    count_request(creator_name=name, now=NOON)
    count_recipients(1, creator_name=name, now=NOON)
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        keys = list(client.scan_iter(match=f"limits:*:{name}:*", count=10_000))
        lives = [client.ttl(key) for key in keys]
    assert len(lives) == 2
    assert all(0 < life <= 120 for life in lives)


def test_without_redis_everything_passes(name: str, refusing: str) -> None:
    for _ in range(5):
        count_request(creator_name=name, now=NOON)
    count_recipients(1_000, creator_name=name, now=NOON)


def test_an_address_that_only_celery_knows_is_no_obstacle(
    name: str, settings: LazySettings
) -> None:
    settings.REDIS_URL = "sentinel://127.0.0.1:26379/0"
    for _ in range(5):
        count_request(creator_name=name, now=NOON)


def test_a_hanging_redis_costs_a_moment_once(name: str, hanging: socket.socket) -> None:
    assert SHORT <= seconds_of(name) < 20 * SHORT
    assert connections(hanging) == 1
    assert seconds_of(name, requests=100) < SHORT
    assert connections(hanging) == 0


def test_after_a_while_one_request_asks_for_all(
    name: str, hanging: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds_of(name)
    connections(hanging)
    later = time.monotonic() + rate_limits.BACK_OFF + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    start = Barrier(8)

    def job() -> None:
        start.wait(60)
        count_request(creator_name=name, now=NOON)

    for worker in [Worker(job) for _ in range(8)]:
        worker.join()
        worker.result()
    assert connections(hanging) == 1


def test_counting_goes_on_when_redis_is_back(
    name: str, refusing: str, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = settings.REDIS_URL
    counters = Counters(refusing)
    assert counters.add(1, name) == 0
    with socket.create_server(("127.0.0.1", int(there.rpartition(":")[2].split("/")[0]))) as redis_:
        redis_.settimeout(5)
        later = time.monotonic() + rate_limits.BACK_OFF + 1
        monkeypatch.setattr(time, "monotonic", lambda: later)
        worker = Worker(lambda: (counters.add(1, name), counters.add(1, name)))
        conversation, _ = redis_.accept()
        with conversation:
            answer(conversation, b"AUTH", b"+OK\r\n")
            for total in (b"7", b"8"):
                queued = b"+OK\r\n+QUEUED\r\n+QUEUED\r\n"
                answer(conversation, b"EXEC", queued + b"*2\r\n:" + total + b"\r\n:1\r\n")
            assert worker.result() == (7, 8)


def answer(conversation: socket.socket, awaited: bytes, said: bytes) -> None:
    """Say something once a command was heard."""
    conversation.settimeout(5)
    heard = b""
    while awaited not in heard:
        piece = conversation.recv(4096)
        assert piece, heard
        heard += piece
    conversation.sendall(said)


def test_one_warning_a_minute_says_that_limits_are_not_kept(
    name: str,
    refusing: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun = time.monotonic()
    for seconds in range(0, 100, 2):
        monkeypatch.setattr(time, "monotonic", lambda passed=seconds: begun + passed)
        count_request(creator_name=name, now=NOON)
    warnings = [line for line in caplog.messages if "limits are not kept" in line]
    assert len(warnings) == 2
    assert "secret" not in caplog.text
