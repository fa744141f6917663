"""Each alarm is set off by what the product tells Prometheus, and by nothing else.

The numbers are those of a real page; promtool, which is Prometheus' own, judges by the rules.
"""

import json
import re
import subprocess
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone
from prometheus_client import REGISTRY, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from config.jobs.schedule import PERIODIC_JOBS
from dispatch.models import JobRun
from notifications.models import DailyCount, NotificationStatus
from orders.models import Creator
from script.launcher.services import promtool
from tests.building import order, processed_order
from tests.watching.certificates import key_with_certificate

DEPLOY = Path(__file__).resolve().parents[2] / "deploy" / "prometheus"
MINUTES = 75
"""For so long the series go on, a value each, until the alarms are looked at."""
ALWAYS = f"x{MINUTES}"

Labels = frozenset[tuple[str, str]]
Series = dict[tuple[str, Labels], str]
Change = Mapping[str, str]
"""What differs from a system at peace: a series, in promtool's way of writing it."""

SENDS = 'notifications_sends_total{channel="Sms",result="%s"}'
OF_TTD = '{channel="Sms",creator="ttd"}'
REQUESTS = 'notifications_http_request_seconds_count{method="POST",route="orders",status="%s"}'
GATEWAY = 'notifications_gateway_seconds_bucket{channel="Sms",le="%s"}'

JUST_NOW = f"0{ALWAYS}"
OLD = f"0+60{ALWAYS}"
"""Seconds, one after the other."""
ONLY_BEAT_STARTS = ("dispatch.sweep", "notifications.count_days", "events.forget")


def job(name: str, task: str) -> str:
    return f'notifications_job_{name}{{task="{task}"}}'


NOTHING_IS_LATE = {
    f"notifications_backlog_late_seconds{OF_TTD}": JUST_NOW,
    "notifications_purge_late_seconds": JUST_NOW,
    "notifications_first_expiry_seconds": f"80000{ALWAYS}",
}
"""The rows of tests are old."""

DEAD_BEAT = {
    series: value
    for task in ONLY_BEAT_STARTS
    for series, value in ((job("age_seconds", task), OLD), (job("late", task), f"0x1 1{ALWAYS}"))
} | {
    "notifications_first_expiry_seconds": f"-1000{ALWAYS}",
    'notifications_backlog_late_seconds{channel="Sms",creator="ttd"}': OLD,
    "notifications_orders_late_seconds": OLD,
    "notifications_webhook_late_seconds": OLD,
}

# What sets each alarm off, and which others it cannot do without.
CASES: list[tuple[str, Change, set[str]]] = [
    ("MessagesAreLate", {f"notifications_backlog_late_seconds{OF_TTD}": OLD}, set()),
    (
        "JobIsLate",
        {
            job("late", "dispatch.send_sms"): f"1{ALWAYS}",
            job("age_seconds", "dispatch.send_sms"): OLD,
        },
        set(),
    ),
    (
        "BeatIsDown",
        {job("age_seconds", task): OLD for task in ONLY_BEAT_STARTS},
        set(),
    ),
    (
        "WorkerIsDown",
        {'up{job="notifications-workers",instance="worker-sms:9100"}': f"0{ALWAYS}"},
        set(),
    ),
    ("ClockIsOff", {"notifications_clock_skew_seconds": f"-3{ALWAYS}"}, set()),
    ("JobFails", {job("failed", "dispatch.sweep"): f"1{ALWAYS}"}, set()),
    (
        "ChannelIsRefused",
        {'notifications_channel_paused{channel="Sms",cause="Refused"}': f"1{ALWAYS}"},
        set(),
    ),
    (
        "ChannelIsPaused",
        {'notifications_channel_paused{channel="Sms",cause="Person"}': f"1{ALWAYS}"},
        set(),
    ),
    (
        "GatewayIsPaused",
        {'notifications_gateway_paused{channel="Sms",gateway="main"}': f"1{ALWAYS}"},
        set(),
    ),
    (
        "GatewayIsGone",
        {'notifications_gateway_gone_waiting{channel="Sms",gateway="old"}': f"2{ALWAYS}"},
        set(),
    ),
    (
        "GatewayFails",
        {SENDS % "accepted": f"0+80{ALWAYS}", SENDS % "unknown": f"0+20{ALWAYS}"},
        set(),
    ),
    (
        "GatewayIsSlow",
        {
            GATEWAY % le: f"0+{n}{ALWAYS}"
            for le, n in (("5.0", 0), ("10.0", 60), ("30.0", 60), ("+Inf", 60))
        },
        set(),
    ),
    ("OrdersBackOff", {'notifications_orders{state="backing_off"}': f"7{ALWAYS}"}, set()),
    ("ReportsDie", {'notifications_reports_total{result="dead"}': f"0+5{ALWAYS}"}, set()),
    (
        "WebhookIsGuessedAt",
        {'notifications_webhook_guesses_total{answer="wrong"}': f"0+5{ALWAYS}"},
        set(),
    ),
    (
        "ReportsAreUnclear",
        {'notifications_reports_unclear_total{why="state"}': f"0+1{ALWAYS}"},
        set(),
    ),
    ("WebhooksFail", {'notifications_webhooks{state="failing"}': f"1{ALWAYS}"}, set()),
    # 960 in a row, told a minute later, and nothing else since.
    (
        "ChannelRefusesMessages",
        {
            f"notifications_{name}{OF_TTD}": f"{n}x30 {n + 960}{ALWAYS}"
            for name, n in (("refused", 3), ("answered", 90))
        },
        {"OwnerIsRefused"},
    ),
    # The first that a service owner ever sent, while another's get through.
    (
        "OwnerIsRefused",
        {f"notifications_{name}{OF_TTD}": f"_x30 60{ALWAYS}" for name in ("refused", "answered")}
        | {'notifications_answered{channel="Sms",creator="skd"}': f"0x30 9000{ALWAYS}"},
        set(),
    ),
    (
        "FewerArrive",
        {
            'notifications_arrived_share{channel="Sms",period="recent"}': f"0.8{ALWAYS}",
            'notifications_arrived_share{channel="Sms",period="before"}': f"0.97{ALWAYS}",
            'notifications_ended{channel="Sms",period="recent"}': f"2000{ALWAYS}",
        },
        set(),
    ),
    (
        "KeyIsOld",
        {'notifications_key_age_seconds{name="MASKINPORTEN_KEY"}': f"40000000{ALWAYS}"},
        set(),
    ),
    (
        "CertificateEnds",
        {'notifications_certificate_left_seconds{name="MASKINPORTEN_KEY"}': f"1000000{ALWAYS}"},
        set(),
    ),
    ("WebhookIsGivenUp", {'notifications_webhooks{state="given_up"}': f"1{ALWAYS}"}, set()),
    ("EventsAreLate", {"notifications_webhook_late_seconds": OLD}, set()),
    ("FeedStalls", {"notifications_feed_writers_waiting": f"3{ALWAYS}"}, set()),
    ("SweepIsBehind", {"notifications_first_expiry_seconds": f"-1000{ALWAYS}"}, set()),
    ("DatabasePoolIsExhausted", {"notifications_database_pool_waiting": f"2{ALWAYS}"}, set()),
    ("StateIsUnknown", {"notifications_state_up": f"0{ALWAYS}"}, set()),
    ("WebFails", {REQUESTS % "202": f"0+90{ALWAYS}", REQUESTS % "500": f"0+2{ALWAYS}"}, set()),
    ("PurgeIsLate", {"notifications_purge_late_seconds": f"200000{ALWAYS}"}, set()),
    (
        "LogInsAreGuessed",
        {'notifications_desk_refused_total{what="log-in"}': f"0+20{ALWAYS}"},
        set(),
    ),
    ("DeskIsBusy", {'notifications_desk_refused_total{what="page"}': f"0+20{ALWAYS}"}, set()),
]


@pytest.fixture
def at_peace(ttd: Creator, skd: Creator, settings: LazySettings, tmp_path: Path) -> Series:
    """Every series of a web process and of a worker, where nothing is amiss."""
    now = timezone.now()
    for one in PERIODIC_JOBS:
        JobRun.objects.create(name=one.task, started_at=now, ended_at=now)
    for creator in (ttd, skd):
        for days in (0, 5):
            DailyCount.objects.create(
                day=now.date() - timedelta(days=days),
                creator=creator,
                channel="Sms",
                status=NotificationStatus.DELIVERED,
                notifications=100,
                sent=100,
            )
    processed_order(ttd, NotificationStatus.NEW, now=now)
    order(ttd, status="Completed")
    settings.MASKINPORTEN_KEY = str(key_with_certificate(tmp_path, ends=now + timedelta(days=90)))
    Client().get("/notifications/api/v1/orders")
    page = Client().get("/metrics").content.decode() + generate_latest(REGISTRY).decode()
    watched = set(re.findall(r"notifications_\w+", (DEPLOY / "alerts.yaml").read_text()))
    found: Series = {
        (sample.name, frozenset(sample.labels.items())): f"{sample.value}{ALWAYS}"
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.name in watched
    }
    up = frozenset({("job", "notifications-workers"), ("instance", "worker-sms:9100")})
    return changed(found | {("up", up): f"1{ALWAYS}"}, NOTHING_IS_LATE)


def changed(series: Series, change: Change) -> Series:
    """Only what the product has a series of, with these labels, can change."""
    known = {(name, frozenset(label for label, _ in labels)) for name, labels in series}
    found = dict(series)
    for written, values in change.items():
        name, _, labels = written.partition("{")
        its = frozenset(re.findall(r'(\w+)="([^"]*)"', labels))
        assert (name, frozenset(label for label, _ in its)) in known, written
        found[name, its] = values
    return found


def spelt(labels: Labels) -> str:
    return ",".join(f"{name}={json.dumps(value)}" for name, value in sorted(labels))


def group(series: Series, expected: set[str]) -> dict[str, Any]:
    """What promtool is to try: these alarms are firing in the end, and no other."""
    return {
        "interval": "1m",
        "input_series": [
            {
                "series": f"{name}{{{spelt(labels)}}}",
                "values": values,
            }
            for (name, labels), values in series.items()
        ],
        "promql_expr_test": [
            {
                "expr": 'count by (alertname) (ALERTS{alertstate="firing"}) > bool 0',
                "eval_time": f"{MINUTES}m",
                "exp_samples": [
                    {"labels": f'{{alertname="{name}"}}', "value": 1} for name in sorted(expected)
                ],
            }
        ],
    }


def judged(groups: list[dict[str, Any]], folder: Path) -> str:
    """What promtool has to say; nothing where all is as expected."""
    program = promtool.find()
    if program is None:
        pytest.skip("There is no promtool on this machine (Debian: the package prometheus).")
    tests = folder / "alarms.yaml"
    tests.write_text(json.dumps({"rule_files": [str(DEPLOY / "alerts.yaml")], "tests": groups}))
    done = subprocess.run([program, "test", "rules", tests], capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_every_alarm_has_a_case() -> None:
    rules = yaml.safe_load((DEPLOY / "alerts.yaml").read_text())["groups"][0]["rules"]
    assert [rule["alert"] for rule in rules] == [alarm for alarm, _, _ in CASES]


@pytest.mark.django_db
def test_each_alarm_is_set_off_by_its_cause_and_by_nothing_else(
    at_peace: Series, tmp_path: Path
) -> None:
    groups = [group(changed(at_peace, change), {alarm, *also}) for alarm, change, also in CASES]
    assert judged([group(at_peace, set()), *groups], tmp_path) == ""


def told(alarms: set[str]) -> set[str]:
    """What is left of them by the example for Alertmanager, where they have no channel or
    instance."""
    rules = yaml.safe_load((DEPLOY / "alertmanager.yaml").read_text())["inhibit_rules"]
    muted = {
        alarm
        for rule in rules
        if "equal" not in rule
        and any(is_meant(source, rule["source_matchers"]) for source in alarms)
        for alarm in alarms
        if is_meant(alarm, rule["target_matchers"])
    }
    return alarms - muted


def is_meant(alarm: str, matchers: list[str]) -> bool:
    names = [re.search('alertname=~?"(.+)"', matcher) for matcher in matchers]
    return len(names) == 1 and bool(names[0] and re.fullmatch(names[0][1], alarm))


@pytest.mark.django_db
def test_a_dead_beat_is_one_page_and_not_six(at_peace: Series, tmp_path: Path) -> None:
    alarms = {"BeatIsDown", "JobIsLate", "MessagesAreLate", "OrdersBackOff", "EventsAreLate"}
    alarms.add("SweepIsBehind")
    assert told(alarms) == {"BeatIsDown"}
    assert judged([group(changed(at_peace, DEAD_BEAT), alarms)], tmp_path) == ""


def test_alertmanager_is_told_of_alarms_that_exist() -> None:
    text = (DEPLOY / "alertmanager.yaml").read_text()
    named = {name for found in re.findall('alertname=~?"(.+?)"', text) for name in found.split("|")}
    assert named <= {alarm for alarm, _, _ in CASES}
