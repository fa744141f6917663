"""A broker that others use too, or that is badly kept: one worker and one beat live through all of
it, one thing after another."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from django.utils import timezone

from notifications.models import Notification, NotificationStatus
from orders.models import Creator
from script.launcher.services.processes import Household
from script.launcher.system.simulators import Simulators
from tests.building import processed_order
from tests.dispatch.celery_worker import CeleryWorker
from tests.dispatch.test_broker_loss import household, started
from tests.dispatch.test_broker_trouble import beat
from tests.dispatch.waiting import messages_of

__all__ = ["household"]

QUEUE = "dispatch-sms"
CONTROL = "/0.celery.pidbox"
OPENINGS = 20
SECONDS = 1.0
PLACES = 8
"""So many runs a worker takes at once: each place that is lost is lost for good."""


def _nothing(client: redis.Redis) -> None:
    """It ends by itself."""


def _refuse_writes_for_lack_of_a_disk(client: redis.Redis) -> None:
    client.config_set("save", "3600 1")
    client.bgsave()
    while client.info("persistence")["rdb_bgsave_in_progress"]:
        time.sleep(0.05)


def _take_all_clients(client: redis.Redis) -> None:
    client.config_set("maxclients", 1)
    _end_clients(client)


def _end_clients(client: redis.Redis) -> None:
    client.client_kill_filter(_type="normal", skipme=True)


def _end_clients_over_and_over(client: redis.Redis) -> None:
    for _ in range(OPENINGS):
        _end_clients(client)
        time.sleep(SECONDS / OPENINGS)


def _forbid(client: redis.Redis) -> None:
    client.acl_setuser("default", enabled=True, commands=["-brpop", "-lpush"])


def _permit(client: redis.Redis) -> None:
    client.acl_setuser("default", enabled=True, commands=["+brpop", "+lpush"])


def _take_the_names(client: redis.Redis) -> None:
    for name in (QUEUE, f"_kombu.binding.{QUEUE}"):
        client.delete(name)
        client.hset(name, "a", "b")


def _queued(*messages: str) -> Callable[[redis.Redis], object]:
    return lambda client: [client.lpush(QUEUE, message) for message in messages]


def _told_to_all(client: redis.Redis) -> None:
    """Over the channel by which workers are asked what they listen to."""
    for message in ("x", "", "\x00\xff", "1", "null", "[]", "{}", '{"body": 1}', _message()):
        client.publish(CONTROL, message)
        time.sleep(SECONDS / OPENINGS)


def _message(**changes: object) -> str:
    """As Kombu queues one, but for what is wrong with it."""
    properties = {
        "correlation_id": "1",
        "delivery_mode": 2,
        "delivery_info": {"exchange": "", "routing_key": QUEUE},
        "delivery_tag": "1",
        "body_encoding": "base64",
    }
    message: dict[str, object] = {
        "body": "W1tdLCB7fSwge31d",
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": {"task": "dispatch.send_sms", "id": "1", "lang": "py"},
        "properties": properties,
    }
    return json.dumps(message | changes)


TROUBLES: dict[str, tuple[Callable[[redis.Redis], object], Callable[[redis.Redis], object]]] = {
    "no JSON": (_queued("", "garbage", "\x00\xff"), _nothing),
    "other JSON": (_queued("{}", "[]", "1", "null", '"text"', '{"body": 1}'), _nothing),
    "messages that fail after they are taken": (
        _queued(*[_message(headers={"task": [], "id": "1"})] * (PLACES + 2)),
        _nothing,
    ),
    "messages of another program": (
        _queued(
            _message(headers={"task": "nobodys.task", "id": "1"}),
            _message(headers={}),
            _message(headers=None),
            _message(body="AAAA"),
            _message(body=1),
            _message(body="bnVsbA=="),
            _message(**{"content-type": "application/x-python-serialize"}),
            _message(**{"content-type": None}),
            _message(**{"content-encoding": "nonsense"}),
            _message(properties={}),
            _message(properties=None),
            _message(headers={"task": "dispatch.send_sms", "id": "1", "expires": "nonsense"}),
            _message(headers={"task": "dispatch.send_sms", "id": "1", "eta": "nonsense"}),
            _message(headers={"task": "dispatch.send_sms", "id": "1", "eta": "9999-12-31"}),
        ),
        _nothing,
    ),
    "garbage for all workers at once": (_told_to_all, _nothing),
    "it cannot save": (
        _refuse_writes_for_lack_of_a_disk,
        lambda client: client.config_set("save", ""),
    ),
    "no client more": (_take_all_clients, lambda client: client.config_set("maxclients", 10_000)),
    "connections ended over and over": (_end_clients_over_and_over, _nothing),
    "emptied, with its scripts": (
        lambda client: (client.flushall(), client.script_flush()),
        _nothing,
    ),
    "three seconds late": (lambda client: client.client_pause(3_000), _nothing),
    "commands forbidden": (_forbid, _permit),
    "names that another program uses": (
        _take_the_names,
        lambda client: client.delete(QUEUE, f"_kombu.binding.{QUEUE}"),
    ),
}


@contextmanager
def running(
    tmp_path: Path, simulators: Simulators, household: Household
) -> Iterator[tuple[redis.Redis, Callable[[], str]]]:
    """The broker's owner, and what is wrong with who uses it: nothing, if all is well."""
    broker = started(household)
    log = tmp_path / "beat.log"
    worker = CeleryWorker(tmp_path / "worker.log", simulators.environment, broker=broker.url)
    worker.start()
    try:
        with (
            redis.Redis.from_url(broker.url) as owner,
            beat(broker.url, worker, log) as process,
        ):

            def trouble() -> str:
                is_well = worker.is_running and process.poll() is None
                return "" if is_well else worker.log() + log.read_text()

            yield owner, trouble
    finally:
        worker.stop()


@pytest.mark.django_db(transaction=True)
def test_one_worker_and_one_beat_live_through_a_broker_that_is_badly_kept(
    ttd: Creator, simulators: Simulators, household: Household, tmp_path: Path
) -> None:
    with running(tmp_path, simulators, household) as (owner, trouble):
        for name, (begin, end) in TROUBLES.items():
            _goes_on(ttd, trouble, "before " + name)
            begin(owner)
            time.sleep(SECONDS)
            end(owner)
            assert not trouble(), (name, trouble())
        _goes_on(ttd, trouble, "after all")
    assert not Notification.objects.filter(attempts__gt=1).exists(), "nothing left twice"


def _goes_on(creator: Creator, trouble: Callable[[], str], when: str) -> None:
    messages_of(processed_order(creator), 2, now=timezone.now())
    waiting = Notification.objects.exclude(status=NotificationStatus.ACCEPTED)
    deadline = time.monotonic() + 60
    while waiting.exists():
        assert not trouble(), (when, trouble())
        assert time.monotonic() < deadline, when
        time.sleep(0.05)
