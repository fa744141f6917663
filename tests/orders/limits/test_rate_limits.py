"""What a creator may ask for in a minute is counted by everybody together, or not at all."""

import socket
import subprocess
import sys
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Barrier
from uuid import uuid4

import pytest
import redis
from django.conf import LazySettings

from orders.limits import rate_counters, rate_limits
from orders.limits.rate_counters import Counters, Share, Wish
from orders.limits.rate_limits import (
    MAX_RECIPIENTS,
    MAX_REQUESTS,
    LimitExceeded,
    Limits,
    Minutes,
    count_recipients,
    count_request,
    headers,
)
from script.launcher.paths import ROOT
from tests.dispatch.raw_server import RawServer
from tests.notifications.conftest import Worker

NOON = datetime(2025, 8, 25, 10, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SHORT = rate_counters.TIME_OUT
FEW = Limits(requests=3, recipients=10)
USUAL = Limits(requests=6_000, recipients=1_000_000)
NONE = Limits(requests=0, recipients=0)


@pytest.fixture
def name() -> str:
    """A creator whom nobody has counted yet."""
    return f"ttd-{uuid4().hex}"


@pytest.fixture(autouse=True)
def _counted_anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """With patience with a Redis on a busy machine."""
    monkeypatch.setattr(rate_counters, "TIME_OUT", 5.0)
    rate_limits.minutes_at.cache_clear()
    yield
    rate_limits.minutes_at.cache_clear()


class Process:
    """What another process knows of a creator's minute."""

    def __init__(self, url: str, name: str, limits: Limits = USUAL) -> None:
        self.minute = Minutes(url).of(name)
        self.limits = limits
        self.answered = 0

    def ask(self, times: int = 1) -> bool:
        """Whether the last of so many requests was answered."""
        was_answered = [self.minute.take_request(self.limits, NOON) for _ in range(times)]
        self.answered += sum(was_answered)
        return was_answered[-1]

    def ask_until_refused(self) -> None:
        while self.ask():
            pass


@pytest.fixture
def process(name: str, settings: LazySettings) -> Callable[..., Process]:
    return lambda limits=USUAL: Process(settings.REDIS_URL, name, limits)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys that Redis is asked about, by all."""
    keys: list[str] = []
    reserve = Counters.reserve

    def noted(self: Counters, key: str, wishes: list[Wish]) -> list[Share] | None:
        keys.append(key)
        return reserve(self, key, wishes)

    monkeypatch.setattr(Counters, "reserve", noted)
    return keys


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
    monkeypatch.setattr(rate_counters, "TIME_OUT", SHORT)
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
        count_request(creator_name=name, limits=FEW, now=NOON)
    return time.monotonic() - start


def test_the_first_requests_of_a_minute_pass_and_the_next_is_refused(name: str) -> None:
    for _ in range(3):
        count_request(creator_name=name, limits=FEW, now=NOON)
    with pytest.raises(LimitExceeded, match="At most 3 requests"):
        count_request(creator_name=name, limits=FEW, now=NOON + 59 * SECOND)


def test_the_next_minute_is_counted_anew(name: str) -> None:
    for _ in range(4):
        with suppress(LimitExceeded):
            count_request(creator_name=name, limits=FEW, now=NOON)
    count_request(creator_name=name, limits=FEW, now=NOON + 60 * SECOND)


@pytest.mark.parametrize(
    ("second", "wait"), [(0.0, 60), (0.001, 60), (1.0, 59), (30.5, 30), (59.0, 1), (59.999, 1)]
)
def test_who_is_refused_is_told_when_the_next_minute_begins(
    name: str, second: float, wait: int
) -> None:
    with pytest.raises(LimitExceeded) as refused:
        count_recipients(11, creator_name=name, limits=FEW, now=NOON + timedelta(seconds=second))
    assert refused.value.retry_after == wait


def test_recipients_are_taken_up_to_the_limit(name: str) -> None:
    count_recipients(4, creator_name=name, limits=FEW, now=NOON)
    count_recipients(6, creator_name=name, limits=FEW, now=NOON)
    with pytest.raises(LimitExceeded, match="At most 10 recipients"):
        count_recipients(1, creator_name=name, limits=FEW, now=NOON)


def test_recipients_that_were_refused_do_not_count(name: str) -> None:
    count_recipients(9, creator_name=name, limits=FEW, now=NOON)
    with pytest.raises(LimitExceeded):
        count_recipients(2, creator_name=name, limits=FEW, now=NOON)
    count_recipients(1, creator_name=name, limits=FEW, now=NOON)


def test_requests_and_recipients_are_counted_apart(name: str) -> None:
    count_recipients(10, creator_name=name, limits=FEW, now=NOON)
    count_request(creator_name=name, limits=FEW, now=NOON)


def test_each_creator_is_counted_apart(name: str) -> None:
    for _ in range(4):
        with suppress(LimitExceeded):
            count_request(creator_name=name, limits=FEW, now=NOON)
    for other in (name.upper(), f"{name}:", "skd-" + name):
        count_request(creator_name=other, limits=FEW, now=NOON)


def test_zero_is_no_limit_and_costs_no_redis(name: str, hanging: socket.socket) -> None:
    for _ in range(5):
        count_request(creator_name=name, limits=NONE, now=NOON)
        count_recipients(1_000_000, creator_name=name, limits=NONE, now=NOON)
    assert connections(hanging) == 0
    assert headers(creator_name=name, now=NOON) == {}


@pytest.fixture
def restless() -> Iterator[None]:
    """Threads take turns as often as they can, so that they get in each other's way."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.parametrize("limit", [1, 49, 50, 51, 700])
def test_threads_of_several_processes_are_answered_as_often_as_the_limit_says(
    process: Callable[..., Process], restless: None, limit: int
) -> None:
    processes = [process(Limits(limit, 0)) for _ in range(3)]
    start = Barrier(6)

    def job(one: Process) -> int:
        start.wait(60)
        count = 0
        while one.minute.take_request(one.limits, NOON):
            count += 1
        return count

    workers = [Worker(partial(job, one)) for one in processes * 2]
    assert sum(worker.result() for worker in workers) == limit


_ASK_UNTIL_REFUSED = """
import sys
from datetime import datetime
from django.conf import settings
settings.configure(REDIS_URL=sys.argv[1])
from orders.limits import rate_counters
from orders.limits.rate_limits import Limits, Minutes
rate_counters.TIME_OUT = 5.0
minute, limits, count = Minutes(sys.argv[1]).of(sys.argv[2]), Limits(900, 0), 0
now = datetime.fromisoformat(sys.argv[3])
while minute.take_request(limits, now):
    count += 1
print(count)
"""


def test_processes_count_together(name: str, settings: LazySettings) -> None:
    words = [sys.executable, "-c", _ASK_UNTIL_REFUSED, settings.REDIS_URL, name, NOON.isoformat()]
    several = [
        subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    assert sum(int(one.communicate(timeout=60)[0]) for one in several) == 900


def test_shares_grow_with_what_is_asked_and_cost_a_command_for_many_requests(
    process: Callable[..., Process], asked: list[str]
) -> None:
    one = process()
    one.ask(7)
    assert len(asked) == 3, "1, 2 and 4: one to use, and as many to spare as were used"
    one.ask(1_000)
    assert len(asked) < 25


def test_orders_of_few_recipients_cost_no_commands_of_their_own(
    name: str, asked: list[str]
) -> None:
    for _ in range(500):
        count_request(creator_name=name, limits=USUAL, now=NOON)
        count_recipients(2, creator_name=name, limits=USUAL, now=NOON)
    assert len(asked) < 25


def test_near_the_limit_each_request_is_asked_about(
    process: Callable[..., Process], asked: list[str]
) -> None:
    one = process()
    one.ask(5_950)
    one.minute.requests.held = 0
    asked.clear()
    one.ask(20)
    assert len(asked) == 20


def test_what_an_idle_process_keeps_is_never_more_than_it_has_used(
    process: Callable[..., Process],
) -> None:
    for used in (1, 5, 70, 500):
        idle = process()
        idle.ask(used)
        assert idle.minute.requests.held <= min(used, MAX_REQUESTS)


def test_others_are_refused_early_by_what_an_idle_process_keeps_and_no_more(
    process: Callable[..., Process],
) -> None:
    idle, busy = process(), process()
    idle.ask(500)
    busy.ask_until_refused()
    kept = idle.minute.requests.held
    assert kept <= MAX_REQUESTS
    assert idle.answered + busy.answered == USUAL.requests - kept
    idle.ask_until_refused()
    assert idle.answered + busy.answered == USUAL.requests


def test_who_has_used_up_the_minute_costs_redis_nothing_more(
    process: Callable[..., Process], asked: list[str]
) -> None:
    one = process(FEW)
    one.ask_until_refused()
    asked.clear()
    assert not one.ask(100)
    assert asked == []


def test_a_limit_that_staff_raise_holds_at_once(process: Callable[..., Process]) -> None:
    one = process(FEW)
    one.ask_until_refused()
    one.limits = replace(FEW, requests=5)
    one.ask_until_refused()
    assert one.answered == 5


def test_a_large_order_needs_all_of_its_recipients(process: Callable[..., Process]) -> None:
    first, second = process().minute, process().minute
    assert first.take_recipients(600_000, USUAL, NOON)
    assert not second.take_recipients(500_000, USUAL, NOON)
    assert second.take_recipients(400_000, USUAL, NOON)
    assert second.recipients.held <= MAX_RECIPIENTS


def test_late_requests_of_the_minute_before_do_not_begin_it_anew(
    process: Callable[..., Process],
) -> None:
    minute = process(FEW).minute
    for late in (NOON, NOON - SECOND, NOON):
        assert minute.take_request(FEW, late)
    assert not minute.take_request(FEW, NOON - SECOND)
    assert minute.take_request(FEW, NOON - 120 * SECOND), "the clock was wrong, and is set right"


def test_headers_tell_the_limits_and_what_is_left(name: str) -> None:
    for _ in range(10):
        count_request(creator_name=name, limits=USUAL, now=NOON)
    count_recipients(400, creator_name=name, limits=USUAL, now=NOON)
    assert headers(creator_name=name, now=NOON + 45 * SECOND) == {
        "RateLimit-Policy": '"requests";q=6000;w=60, "recipients";q=1000000;qu="recipients";w=60',
        "RateLimit": '"requests";r=5990;t=15, "recipients";r=999600;t=15',
    }


@pytest.mark.parametrize(("later", "told"), [(59, 1), (60, 0), (61, 0)])
def test_what_is_left_is_told_with_its_own_seconds(name: str, later: int, told: int) -> None:
    """A request that is counted at the end of a minute may be answered in the next one."""
    count_request(creator_name=name, limits=FEW, now=NOON)
    line = headers(creator_name=name, now=NOON + later * SECOND)["RateLimit"]
    assert line.startswith(f'"requests";r=2;t={told},')


def test_headers_tell_nothing_that_is_not_known(name: str, refusing: str) -> None:
    count_request(creator_name=name, limits=replace(USUAL, recipients=0), now=NOON)
    assert headers(creator_name=name, now=NOON) == {"RateLimit-Policy": '"requests";q=6000;w=60'}


def test_counters_do_not_stay_in_redis(name: str, settings: LazySettings) -> None:
    count_request(creator_name=name, limits=FEW, now=NOON)
    count_recipients(1, creator_name=name, limits=FEW, now=NOON)
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        keys = list(client.scan_iter(match=f"limits:{name}:*", count=10_000))
        lives = [client.ttl(key) for key in keys]
    assert len(lives) == 1
    assert all(0 < life <= 120 for life in lives)


def test_without_redis_everything_passes(name: str, refusing: str) -> None:
    for _ in range(5):
        count_request(creator_name=name, limits=FEW, now=NOON)
    count_recipients(1_000, creator_name=name, limits=FEW, now=NOON)


def test_an_address_that_only_celery_knows_is_no_obstacle(
    name: str, settings: LazySettings
) -> None:
    settings.REDIS_URL = "sentinel://127.0.0.1:26379/0"
    for _ in range(5):
        count_request(creator_name=name, limits=FEW, now=NOON)


ODD_ANSWERS = [
    *(b"-READONLY You can't write", b"-LOADING in memory", b"-NOAUTH", b"-OOM", b"-BUSY", b"-ERR"),
    *(b"-MOVED 1 127.0.0.1:1", b"-ASK 1 127.0.0.1:1", b"-CLUSTERDOWN", b"-MASTERDOWN", b"-"),
    *(
        b"+OK",
        b"+QUEUED",
        b":1",
        b"$-1",
        b"*-1",
        b"*0",
        b"$2\r\nOK",
        b"*1\r\n:1",
        b"*2\r\n:1\r\n:1",
    ),
    *(b"*4\r\n:1\r\n$1\r\nx\r\n:1\r\n:1", b"*4\r\n:1\r\n:1\r\n:-1\r\n:5", b"*5" + b"\r\n:1" * 5),
    *(b"*4" + b"\r\n*-1" * 4, b"*4" + b"\r\n$-1" * 4, b"HTTP/1.1 400 Bad Request\r\n", b"\xff\x00"),
    *(b":" + b"9" * 400, b"$99999999999999999999", b"*99999999999999999999", b"_", b"#t", b""),
]


@pytest.fixture
def says() -> Iterator[Callable[[bytes], str]]:
    """The address of somebody who says one thing to whatever is asked."""
    running: list[RawServer] = []

    def start(answer: bytes) -> str:
        async def conversation(reader: StreamReader, writer: StreamWriter) -> None:
            while await reader.read(65_536):
                writer.write(answer + b"\r\n")
                await writer.drain()

        running.append(RawServer(conversation))
        return f"redis://127.0.0.1:{running[-1].port}/0"

    yield start
    for server in running:
        server.stop()


@pytest.mark.parametrize("answer", ODD_ANSWERS, ids=ascii)
def test_whatever_stands_in_for_redis_refuses_nobody(
    name: str,
    says: Callable[[bytes], str],
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
    answer: bytes,
) -> None:
    monkeypatch.setattr(rate_counters, "TIME_OUT", SHORT)
    settings.REDIS_URL = says(answer)
    for _ in range(5):
        count_request(creator_name=name, limits=FEW, now=NOON)
    count_recipients(1_000, creator_name=name, limits=FEW, now=NOON)


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
    later = time.monotonic() + rate_counters.BACK_OFF + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    start = Barrier(8)

    def job() -> None:
        start.wait(60)
        count_request(creator_name=name, limits=FEW, now=NOON)

    for worker in [Worker(job) for _ in range(8)]:
        worker.join()
        worker.result()
    assert connections(hanging) == 1


def test_counting_goes_on_when_redis_is_back(
    name: str, refusing: str, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = settings.REDIS_URL
    counters, one = Counters(refusing), Wish("requests", limit=9, need=1, extra=0)
    assert counters.reserve(name, [one]) is None
    with socket.create_server(("127.0.0.1", int(there.rpartition(":")[2].split("/")[0]))) as redis_:
        redis_.settimeout(5)
        later = time.monotonic() + rate_counters.BACK_OFF + 1
        monkeypatch.setattr(time, "monotonic", lambda: later)
        worker = Worker(lambda: [counters.reserve(name, [one]) for _ in range(2)])
        conversation, _ = redis_.accept()
        with conversation:
            answer(conversation, b"AUTH", b"+OK\r\n")
            for left in (b"7", b"6"):
                answer(conversation, b"EVAL", b"*2\r\n:1\r\n:" + left + b"\r\n")
            assert worker.result() == [[Share(1, 7)], [Share(1, 6)]]


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
        count_request(creator_name=name, limits=FEW, now=NOON)
    warnings = [line for line in caplog.messages if "limits are not kept" in line]
    assert len(warnings) == 2
    assert "secret" not in caplog.text
