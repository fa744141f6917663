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
from orders.limits.rate_counters import Counters, Share, Wish
from orders.models import Creator, Order
from script.launcher.services.processes import Household
from script.launcher.services.valkey import Valkey
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
def test_workers_and_beat_live_through_it_and_so_do_those_that_start_meanwhile(
    ttd: Creator, simulators: Simulators, household: Household, tmp_path: Path
) -> None:
    """One worker and one beat live through all of it, one trouble after another."""
    simulators.fault("gateway", "late", latency_ms=1_000)
    broker = started(household)
    worker = CeleryWorker(tmp_path / "worker.log", simulators.environment, broker=broker.url)
    log = tmp_path / "beat.log"
    order = processed_order(ttd)
    worker.start()
    try:
        with beat(broker.url, worker, log) as ticking:
            for number, name in enumerate(TROUBLES):
                later = CeleryWorker(
                    tmp_path / f"worker-{number}.log", simulators.environment, broker=broker.url
                )
                late_log = tmp_path / f"beat-{number}.log"
                _live_through(name, broker, order, simulators, later, late_log)
                assert worker.is_running, (name, worker.log())
                assert ticking.poll() is None, (name, log.read_text())
    finally:
        worker.stop()
    assert not Notification.objects.filter(attempts__gt=1).exists(), "nothing left twice"


def _live_through(
    name: str,
    broker: Valkey,
    order: Order,
    simulators: Simulators,
    later: CeleryWorker,
    log: Path,
) -> None:
    """Begins while messages leave. What was to be sent and what comes afterwards is sent; who has
    started meanwhile is there still, and is stopped."""
    trouble, admin = TROUBLES[name], redis.Redis.from_url(broker.url)
    sent = len(simulators.messages())
    messages_of(order, 20, now=timezone.now())
    simulators.wait_for_messages(sent + 1, seconds=90)
    trouble.begin(admin)
    later.start()
    try:
        # Beat is one; two of them only queue more often.
        with beat(broker.url, later, log) as second:
            time.sleep(SECONDS + 6)
            if name == "another password":
                changed = broker.url.replace(broker.place.password, "new")
                with redis.Redis.from_url(changed) as client:
                    _password(client, broker.place.password)
            trouble.end(admin)
            assert later.is_running, (name, later.log())
            assert second.poll() is None, (name, log.read_text())
            messages_of(order, 5, now=timezone.now())
            waiting = Notification.objects.exclude(status=NotificationStatus.ACCEPTED)
            deadline = time.monotonic() + 40
            while waiting.exists():
                assert time.monotonic() < deadline, (name, later.log())
                time.sleep(0.1)
    finally:
        later.stop()


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
    shares = [counters.reserve("meanwhile", [one]) for _ in range(100)]
    assert all(share is None or share[0].given == 1 for share in shares)
    assert time.monotonic() - begun < 5  # each waiting for itself: 10
    if name == "kept busy by a script":
        trouble.end(admin)
