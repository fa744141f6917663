"""The numbers for Prometheus: true, cheap, without personal data, and not for everybody."""

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import DjangoAssertNumQueries

from config.prometheus import server as metrics_server
from config.prometheus import state
from config.prometheus.families import NAMED_CREATORS, OTHERS
from dispatch.models import ChannelPause, JobRun
from notifications.models import DailyCount, NotificationChannel, NotificationStatus
from orders.models import Creator
from script.launcher.system.running_system import TIMEOUT
from tests.building import KARI, NOON, notification, order, processed_order
from tests.dispatch.celery_worker import CeleryWorker

ROOT = Path(__file__).resolve().parents[3]
S = NotificationStatus
SMS, EMAIL = NotificationChannel.SMS, NotificationChannel.EMAIL
MAX_QUERIES = 17

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def samples(text: bytes | str) -> Samples:
    text = text.decode() if isinstance(text, bytes) else text
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(found: Samples, name: str, **labels: str) -> float:
    return found[f"notifications_{name}", frozenset(labels.items())]


def scrape(**headers: str) -> Any:
    return Client().get("/metrics", headers=headers)


@pytest.mark.django_db
def test_the_page_can_be_parsed_and_agrees_with_the_rows(ttd: Creator) -> None:
    now = timezone.now()
    made = processed_order(ttd, S.SENDING, S.DELIVERED, now=now)
    notification(made, policy="Anytime", next_attempt_at=now - timedelta(minutes=7))
    notification(made, policy="Anytime", next_attempt_at=now + timedelta(hours=1))
    order(ttd, next_attempt_at=now - timedelta(minutes=3))
    order(ttd, held_at=now)
    found = samples(scrape().content)
    assert value(found, "backlog", channel="Sms", creator="ttd") == 2
    late = value(found, "backlog_late_seconds", channel="Sms", creator="ttd")
    assert 7 * 60 <= late < 8 * 60
    assert value(found, "sending", channel="Sms") == 1
    assert value(found, "sending", channel="Email") == 0
    assert value(found, "orders", state="due") == 1
    assert 3 * 60 <= value(found, "orders_late_seconds") < 4 * 60
    assert value(found, "orders_held") == 1
    assert value(found, "state_up") == 1
    assert value(found, "database_connections_max") > 1


@pytest.mark.django_db
def test_only_the_largest_creators_are_named() -> None:
    for number in range(NAMED_CREATORS + 3):
        creator = Creator.objects.create(short_name=f"c{number:02}")
        processed_order(creator, *[S.NEW] * (number + 1))
    found = samples(state.read(now=NOON + timedelta(minutes=1)))
    named = {dict(labels)["creator"] for name, labels in found if name == "notifications_backlog"}
    assert named == {f"c{number:02}" for number in range(3, NAMED_CREATORS + 3)} | {OTHERS}
    assert value(found, "backlog", channel="Sms", creator=OTHERS) == 1 + 2 + 3
    assert value(found, "backlog_late_seconds", channel="Sms", creator=OTHERS) == 60


@pytest.mark.django_db
def test_a_pause_is_told_by_its_cause_until_a_probe_lifts_it() -> None:
    cause = ChannelPause.Cause
    for which, until in (
        (cause.PERSON, NOON + timedelta(hours=1)),
        (cause.RATE_LIMIT, NOON - timedelta(seconds=1)),
        (cause.BREAKER, NOON - timedelta(seconds=1)),
    ):
        ChannelPause.objects.create(channel=SMS, cause=which, until=until, reason="", set_at=NOON)
    found = samples(state.read(now=NOON))
    paused = {
        (dict(labels)["channel"], dict(labels)["cause"])
        for (name, labels), on in found.items()
        if name == "notifications_channel_paused" and on
    }
    assert paused == {("Sms", "Person"), ("Sms", "Breaker")}


@pytest.mark.django_db
def test_jobs_are_told_by_their_age_and_one_that_never_ran_stands_out() -> None:
    begun = NOON - timedelta(seconds=90)
    JobRun.objects.create(name="dispatch.sweep", started_at=begun, result="3")
    JobRun.objects.create(name="dispatch.send_sms", started_at=NOON, ended_at=NOON, failed_at=NOON)
    found = samples(state.read(now=NOON))
    assert value(found, "job_age_seconds", task="dispatch.sweep") == 90
    assert value(found, "job_interval_seconds", task="dispatch.sweep") == 30
    assert value(found, "job_late", task="dispatch.sweep") == 0
    later = samples(state.read(now=NOON + timedelta(seconds=1)))
    assert value(later, "job_late", task="dispatch.sweep") == 1
    assert value(found, "job_failed", task="dispatch.sweep") == 0
    assert value(found, "job_failed", task="dispatch.send_sms") == 1
    assert value(found, "job_age_seconds", task="dispatch.send_email") == float("inf")


@pytest.mark.django_db
def test_personal_data_past_its_period_is_told_by_how_late_its_purge_is(
    ttd: Creator, settings: LazySettings
) -> None:
    settings.RETENTION_DAYS = 30
    order(ttd, status="Completed", status_at=NOON)
    early = samples(state.read(now=NOON + timedelta(days=29)))
    assert value(early, "purge_late_seconds") == 0
    late = samples(state.read(now=NOON + timedelta(days=32)))
    assert value(late, "purge_late_seconds") == 2 * 24 * 3600
    settings.RETENTION_DAYS = 0
    for_ever = samples(state.read(now=NOON + timedelta(days=32)))
    assert ("notifications_purge_late_seconds", frozenset()) not in for_ever


@pytest.mark.django_db
def test_no_personal_data_is_told(ttd: Creator) -> None:
    made = order(ttd, status="Processed")
    private: dict[str, Any] = {
        "address": "+4799887766",
        "normalized_address": "+4799887766",
        "body": "Din kode",
    }
    notification(made, national_identity_number=KARI, **private)
    page = scrape().content.decode()
    for secret in (KARI, "99887766", "Din kode", "brev", str(made.pk)):
        assert secret not in page


@pytest.mark.django_db
def test_the_number_of_queries_is_the_same_for_one_creator_and_for_many(
    django_assert_max_num_queries: DjangoAssertNumQueries, ttd: Creator
) -> None:
    processed_order(ttd, S.NEW, S.SENDING)
    with django_assert_max_num_queries(MAX_QUERIES) as few:
        state.read(now=NOON)
    for number in range(30):
        creator = Creator.objects.create(short_name=f"c{number}")
        processed_order(creator, S.NEW, S.SENDING)
        order(creator)
    with django_assert_max_num_queries(MAX_QUERIES) as many:
        state.read(now=NOON)
    assert len(few) == len(many)


@pytest.mark.django_db
def test_scrapes_that_follow_each_other_closely_share_one_answer(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    first = scrape().content
    with django_assert_num_queries(0):
        again = scrape().content
    assert value(samples(again), "state_up") == value(samples(first), "state_up") == 1


@pytest.mark.django_db
def test_without_the_database_the_counters_are_still_told() -> None:
    def away(*args: object) -> None:
        raise OperationalError("The server has gone away with +4799887766.")

    with connection.execute_wrapper(away):
        page = scrape()
    found = samples(page.content)
    assert page.status_code == 200
    assert value(found, "state_up") == 0
    assert ("notifications_database_pool_max", frozenset()) in found
    assert "99887766" not in page.content.decode()


@pytest.mark.django_db
def test_without_a_token_only_this_machine_itself_may_read() -> None:
    assert scrape().status_code == 200
    assert Client(REMOTE_ADDR="::1").get("/metrics").status_code == 200
    assert Client(REMOTE_ADDR="10.0.0.7").get("/metrics").status_code == 403
    for header in ("X-Forwarded-For", "X-Real-IP", "Forwarded"):
        assert scrape(**{header: "203.0.113.9"}).status_code == 403


@pytest.mark.django_db
def test_with_a_token_whoever_brings_it_may_read(settings: LazySettings) -> None:
    settings.METRICS_TOKEN = "geheim"
    assert scrape().status_code == 403
    for wrong in ("Bearer", "Bearer ", "Bearer geheim2", "geheim", "Basic geheim", "Bearer gehé"):
        assert scrape(Authorization=wrong).status_code == 403
    outside = Client(REMOTE_ADDR="10.0.0.7")
    answer = outside.get("/metrics", headers={"Authorization": "Bearer geheim"})
    assert answer.status_code == 200
    assert b"geheim" not in answer.content
    settings.METRICS_TOKEN, settings.METRICS_TOKEN_FALLBACKS = "neu", ["geheim", ""]
    for token, status in (("geheim", 200), ("neu", 200), ("", 403), ("alt", 403)):
        assert scrape(Authorization=f"Bearer {token}").status_code == status


@pytest.mark.django_db
def test_requests_are_counted_by_route_and_status_and_not_by_what_callers_write() -> None:
    route = "notifications/api/v1/orders/<str:id>/notifications/sms"
    labels = {"method": "GET", "route": route, "status": "401"}
    Client().get("/notifications/api/v1/orders/1/notifications/sms")
    before = samples(scrape().content)
    Client().get(f"/notifications/api/v1/orders/{KARI}/notifications/sms")
    Client().generic(f"X{KARI}", "/notifications/api/v1/orders")
    Client().get(f"/notifications/{KARI}")
    page = scrape().content.decode()
    name = "http_request_seconds_count"
    assert value(samples(page), name, **labels) == value(before, name, **labels) + 1
    assert value(samples(page), name, method="GET", route="unknown", status="404") >= 1
    assert KARI not in page


def get(port: int, headers: Mapping[str, str] | None = None) -> bytes:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/metrics", headers=headers or {})
    with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
        found: bytes = response.read()
    return found


@pytest.fixture
def worker_port() -> Iterator[int]:
    server = metrics_server.serve("127.0.0.1", 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_a_workers_own_port_asks_for_the_same_token(
    worker_port: int, settings: LazySettings
) -> None:
    assert b"notifications_sends_total" in get(worker_port)
    settings.METRICS_TOKEN = "geheim"
    with pytest.raises(urllib.error.HTTPError, match="403"):
        get(worker_port)
    assert b"notifications_sends_total" in get(worker_port, {"Authorization": "Bearer geheim"})


def test_processes_that_share_a_folder_are_told_as_one(tmp_path: Path) -> None:
    counting = (
        "import django; django.setup();"
        "from config.prometheus import process, request_metrics;"
        "request_metrics.count('GET', 'a/route', 200, seconds=0.2);"
        "print(process.counted().decode())"
    )
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path),
    }
    pages = [
        subprocess.run(
            [sys.executable, "-c", counting],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for _ in range(2)
    ]
    labels = {"method": "GET", "route": "a/route", "status": "200"}
    counts = [value(samples(page), "http_request_seconds_count", **labels) for page in pages]
    assert counts == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_a_worker_serves_what_it_counted_on_the_port_it_was_given(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    worker = CeleryWorker(tmp_path / "worker.log", {"WORKER_METRICS_PORT": str(port)})
    worker.start()
    try:
        page, deadline = b"", time.monotonic() + TIMEOUT
        while not page and time.monotonic() < deadline:
            time.sleep(0.1)
            with suppress(OSError):
                page = get(port)
    finally:
        worker.stop()
    assert value(samples(page), "sends_total", channel="Sms", result="accepted") == 0, worker.log()


@pytest.mark.django_db
def test_what_a_gateway_refused_is_told_by_owner_and_what_arrived_by_channel(ttd: Creator) -> None:
    def count(status: S, notifications: int, *, days: int = 0, **counts: int) -> None:
        DailyCount.objects.create(
            day=NOON.date() - timedelta(days=days),
            creator=ttd,
            channel=SMS,
            status=status,
            notifications=notifications,
            **counts,
        )

    count(S.FAILED, 30)
    count(S.FAILED, 10, days=1)
    count(S.FAILED_UNDELIVERED, 5, sent=5)
    count(S.FAILED_RECIPIENT_RESERVED, 7)
    count(S.DELIVERED, 55, sent=55)
    count(S.ACCEPTED, 9, sent=9, unfinished=9)
    count(S.DELIVERED, 9, days=5, sent=9)
    count(S.FAILED_EXPIRED, 1, days=5, sent=1)
    found = samples(state.read(now=NOON))
    of = {"channel": "Sms", "creator": "ttd"}
    assert value(found, "refused", **of) == 30 + 10
    assert value(found, "answered", **of) == 30 + 10 + 5 + 55 + 9
    assert value(found, "ended", channel="Sms", period="recent") == 100
    assert value(found, "arrived_share", channel="Sms", period="recent") == 0.55
    assert value(found, "arrived_share", channel="Sms", period="before") == 0.9
