"""What is sent and reported is counted, once for each message, by what came of it."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.utils import timezone
from prometheus_client import REGISTRY

from dispatch.reports import delivery_reports
from dispatch.reports.delivery_reports import TRIES_AFTER, ReceivedReport
from dispatch.sending.sender import sender_for
from notifications.models import NotificationChannel, NotificationStatus
from orders.models import Creator
from orders.traces import Stage, telling
from recipients.for_tests import NUMBERS
from script.launcher.system.simulators import Simulators
from tests.building import NOON, processed_order
from tests.dispatch.waiting import messages_of

SMS = NotificationChannel.SMS
S = NotificationStatus


def numbers() -> Counter[str]:
    """Every series but those of times, by its name and labels."""
    found: Counter[str] = Counter()
    for family in REGISTRY.collect():
        for sample in family.samples:
            if sample.name.endswith(("_total", "_count")):
                labels = " ".join(sample.labels.values())
                found[f"{sample.name.removeprefix('notifications_')} {labels}".strip()] += int(
                    sample.value
                )
    return found


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """By how much each number has risen at the end of the block."""
    risen: Counter[str] = Counter()
    before = numbers()
    yield risen
    risen.update(numbers() - before)


@pytest.mark.django_db(transaction=True)
def test_each_message_is_counted_by_what_the_gateway_said(
    ttd: Creator, simulators: Simulators
) -> None:
    order = processed_order(ttd, now=timezone.now())
    messages_of(order, 60, now=timezone.now())
    messages_of(order, 1, now=timezone.now(), body="x" * 5_000)
    with counted() as risen:
        assert sender_for(SMS).drain(seconds=20.0) == 61
    assert risen["sends_total Sms accepted"] == 60
    assert risen["sends_total Sms failed"] == 1
    assert risen["claimed_total Sms"] == 61
    assert risen["gateway_seconds_count Sms"] == 61
    assert risen["claim_seconds_count Sms"] >= 1
    assert not [name for name in risen if "Email" in name]


@pytest.mark.django_db(transaction=True)
def test_what_is_simulated_is_counted_of_no_gateway_and_is_no_failure(
    ttd: Creator, monkeypatch: pytest.MonkeyPatch
) -> None:
    stages: list[Stage] = []
    monkeypatch.setattr(telling, "sink", stages.extend)
    order = processed_order(ttd, now=timezone.now())
    messages_of(order, 1, now=timezone.now(), normalized_address=f"+{NUMBERS[10]}")
    with counted() as risen:
        assert sender_for(SMS).drain(seconds=20.0) == 1
    assert {name for name in risen if "sends_total" in name} == {"sends_total Sms simulated"}
    assert [(one.name, one.has_failed) for one in stages] == [("send", False)]


@pytest.mark.django_db
def test_each_try_of_a_report_is_counted_by_what_came_of_it(ttd: Creator) -> None:
    report = ReceivedReport(SMS, "nobody's", S.DELIVERED, {})
    delivery_reports.store(reports=[report, report], now=NOON)
    with counted() as risen:
        for number in range(len(TRIES_AFTER) + 1):
            delivery_reports.apply_due(now=NOON + timedelta(hours=number))
    assert risen["reports_total waiting"] == 2 * len(TRIES_AFTER)
    assert risen["reports_total dead"] == 2


@pytest.mark.django_db
def test_a_report_that_finds_its_message_is_counted_as_applied(ttd: Creator) -> None:
    order = processed_order(ttd, S.ACCEPTED)
    order.notification_set.update(gateway_reference="ours")
    report = ReceivedReport(SMS, "ours", S.DELIVERED, {})
    delivery_reports.store(reports=[report], now=NOON)
    with counted() as risen:
        delivery_reports.apply_due(now=NOON)
    assert (risen["reports_total applied"], risen["reports_total dead"]) == (1, 0)
