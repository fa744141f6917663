"""A broker that is there, but refuses: workers and beat wait for it, and come back."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis
from django.utils import timezone

from notifications.models import Notification, NotificationStatus
from orders.models import Creator
from orders.rate_counters import Counters, Share, Wish
from script.launcher.services.processes import Household
from script.launcher.system.simulators import Simulators
from tests.building import processed_order
from tests.dispatch.celery_worker import ROOT, CeleryWorker
from tests.dispatch.test_broker_loss import household, started
from tests.dispatch.waiting import messages_of

__all__ = ["household"]

SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Trouble:
    begin: Callable[[redis.Redis], object]
    end: Callable[[redis.Redis], object]


def _set(**values: int) -> Callable[[redis.Redis], object]:
    names = {name.replace("_", "-"): value for name, value in values.items()}
    return lambda client: [client.config_set(name, value) for name, value in names.items()]


def _with_connections_ended(act: Callable[[redis.Redis], object]) -> Callable[[redis.Redis], None]:
    def begin(client: redis.Redis) -> None:
        act(client)
        client.client_kill_filter(_type="normal", skipme=True)

    return begin


def _demoted(client: redis.Redis) -> None:
    client.replicaof("127.0.0.1", "1")


def _cut_off(client: redis.Redis) -> None:
    client.config_set("replica-serve-stale-data", "no")
    _demoted(client)


def _promoted(client: redis.Redis) -> None:
    client.replicaof("NO", "ONE")


def _password(client: redis.Redis, password: str) -> None:
    client.acl_setuser("default", enabled=True, reset_passwords=True, passwords=[f"+{password}"])


def _busy(client: redis.Redis) -> None:
    client.config_set("busy-reply-threshold", 50)

    def spin() -> None:
        with suppress(redis.RedisError):
            client.eval("while true do end", 0)

    threading.Thread(target=spin, daemon=True).start()


TROUBLES = {
    "case 04: demoted to a replica": Trouble(_demoted, _promoted),
    "attack A14: takes no writes": Trouble(
        _set(min_replicas_to_write=1), _set(min_replicas_to_write=0)
    ),
    "out of memory": Trouble(_set(maxmemory=1), _set(maxmemory=0)),
    "a replica whose primary is gone": Trouble(_cut_off, _promoted),
    "another password": Trouble(
        _with_connections_ended(lambda client: _password(client, "new")),
        lambda client: None,  # by the owner of the test, who knows the old one
    ),
    "kept busy by a script": Trouble(_busy, lambda client: client.script_kill()),
}


@contextmanager
def beat(url: str, worker: CeleryWorker, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "config", "beat"],
            cwd=ROOT,
            env={**os.environ, **worker.environment, "REDIS_URL": url},
            stdout=out,
            stderr=out,
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=90)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", TROUBLES)
def test_workers_and_beat_live_through_it_and_so_do_those_that_start_meanwhile(
    ttd: Creator, simulators: Simulators, household: Household, tmp_path: Path, name: str
) -> None:
    trouble = TROUBLES[name]
    simulators.fault("gateway", "late", latency_ms=1_000)
    broker = started(household)
    admin = redis.Redis.from_url(broker.url)
    workers = [
        CeleryWorker(tmp_path / f"worker-{n}.log", simulators.environment, broker=broker.url)
        for n in range(2)
    ]
    messages = messages_of(processed_order(ttd), 20, now=timezone.now())
    logs = [tmp_path / f"beat-{n}.log" for n in range(2)]
    workers[0].start()
    try:
        with beat(broker.url, workers[0], logs[0]) as first:
            simulators.wait_for_messages(1, seconds=90)
            trouble.begin(admin)
            workers[1].start()
            # Beat is one; two of them only queue more often.
            with beat(broker.url, workers[1], logs[1]) as second:
                time.sleep(SECONDS + 6)
                if name == "another password":
                    changed = broker.url.replace(broker.place.password, "new")
                    with redis.Redis.from_url(changed) as client:
                        _password(client, broker.place.password)
                trouble.end(admin)
                assert all(worker.is_running for worker in workers), workers[0].log()
                assert first.poll() is None, logs[0].read_text()
                assert second.poll() is None, logs[1].read_text()
                more = messages_of(processed_order(ttd), 5, now=timezone.now())
                accepted = Notification.objects.filter(status=NotificationStatus.ACCEPTED)
                deadline = time.monotonic() + 40
                while accepted.count() < len(messages) + len(more):
                    assert time.monotonic() < deadline, workers[0].log() + logs[0].read_text()
                    time.sleep(0.1)
        assert not Notification.objects.filter(attempts__gt=1).exists(), "nothing left twice"
    finally:
        for worker in workers:
            worker.stop()


@pytest.mark.parametrize("name", TROUBLES)
def test_requests_are_not_limited_meanwhile_and_hardly_wait(
    household: Household, name: str
) -> None:
    trouble = TROUBLES[name]
    broker = started(household)
    admin = redis.Redis.from_url(broker.url)
    counters, one = Counters(broker.url), Wish("requests", limit=1_000, need=1, extra=0)
    assert counters.reserve("before", [one]) == [Share(1, 999)]
    trouble.begin(admin)
    begun = time.monotonic()
    shares = [counters.reserve("meanwhile", [one]) for _ in range(20)]
    assert all(share is None or share[0].given == 1 for share in shares)
    assert time.monotonic() - begun < 1
    if name == "kept busy by a script":
        trouble.end(admin)
