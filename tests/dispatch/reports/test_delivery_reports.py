"""Reports are kept as they came, find their messages, and each counts once."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.db.models import TextField
from django.db.models.functions import Cast
from pytest_django import DjangoAssertNumQueries

from dispatch.models import DeliveryReport
from dispatch.reports import delivery_reports
from dispatch.reports.delivery_reports import (
    AMBIGUOUS,
    BATCH,
    NOT_FOUND,
    NOTHING_KNOWN,
    OF_ANOTHER,
    TRIES_AFTER,
    UNKNOWN_STATE,
    ReceivedReport,
)
from notifications.models import (
    Notification,
    NotificationChannel,
    NotificationStatus,
    StatusFeedEntry,
)
from notifications.results import record
from notifications.results.record import Result
from orders.models import Channel, Creator, Order, OrderStatus
from tests.building import NOON, notification, processed_order
from tests.dispatch.waiting import messages_of

SMS, EMAIL = NotificationChannel.SMS, NotificationChannel.EMAIL
S = NotificationStatus
State = DeliveryReport.State
SECOND = timedelta(seconds=1)


@pytest.fixture
def order(ttd: Creator) -> Order:
    return processed_order(ttd)


def accepted(order: Order, reference: str = "A-1", **fields: Any) -> Notification:
    return notification(order, S.ACCEPTED, gateway_reference=reference, sent_at=NOON, **fields)


def reports_of_accepted(order: Order, count: int) -> list[ReceivedReport]:
    """Deliveries of so many messages that the gateway has taken."""
    messages_of(order, count, now=NOON, status=S.ACCEPTED)
    order.notification_set.update(gateway_reference=Cast("id", TextField()))
    references = order.notification_set.values_list("gateway_reference", flat=True)
    return [ReceivedReport(SMS, reference or "", S.DELIVERED, {}) for reference in references]


def received(
    *statuses: NotificationStatus | None,
    reference: str = "A-1",
    channel: NotificationChannel = SMS,
    receiver: str = "",
    is_uncertain: bool = False,
) -> None:
    """Reports that came one after the other."""
    for number, status in enumerate(statuses):
        said = {"STATE": status or "", "number": "x", "receiver": receiver}
        report = ReceivedReport(channel, reference, status, said, is_uncertain)
        delivery_reports.store(reports=[report], now=NOON + number * SECOND)


def status_of(row: Notification) -> str:
    return str(Notification.objects.values_list("status", flat=True).get(pk=row.pk))


def test_a_report_is_stored_as_it_came_and_changes_nothing_yet(order: Order) -> None:
    row = accepted(order)
    received(S.DELIVERED)
    report = DeliveryReport.objects.get()
    assert report.report == {"STATE": "Delivered", "number": "x", "receiver": ""}
    assert (report.state, report.attempts, report.received) == (State.WAITING, 0, NOON)
    assert status_of(row) == S.ACCEPTED


def test_a_report_that_finds_its_notification_ends_it_and_completes_the_order(order: Order) -> None:
    row = accepted(order)
    received(S.DELIVERED)
    assert delivery_reports.apply_due(now=NOON + SECOND) == 1
    row.refresh_from_db()
    assert (row.status, row.status_at) == (S.DELIVERED, NOON + SECOND)
    assert row.finished_at == NOON + SECOND
    report = DeliveryReport.objects.get()
    assert (report.state, report.notification_id) == (State.APPLIED, row.pk)
    order.refresh_from_db()
    assert order.status == OrderStatus.COMPLETED
    assert StatusFeedEntry.objects.count() == 1
    assert delivery_reports.apply_due(now=NOON + SECOND) == 0


def test_a_report_ahead_of_the_record_of_its_sending_waits_for_it(order: Order) -> None:
    row = notification(order, S.SENDING)
    received(S.DELIVERED)
    delivery_reports.apply_due(now=NOON)
    report = DeliveryReport.objects.get()
    assert (report.state, report.attempts) == (State.WAITING, 1)
    assert report.next_attempt_at == NOON + SECOND
    assert delivery_reports.apply_due(now=NOON + 0.9 * SECOND) == 0
    result = Result(
        row.pk,
        S.ACCEPTED,
        finished=False,
        lease_token=row.lease_token,
        gateway_reference="A-1",
    )
    record.record([result], now=NOON + 0.95 * SECOND)
    delivery_reports.apply_due(now=NOON + SECOND)
    assert status_of(row) == S.DELIVERED


def test_a_report_for_an_unknown_reference_is_dead_in_the_end(order: Order) -> None:
    row = accepted(order, "another")
    received(S.DELIVERED)
    now = NOON
    for wait in TRIES_AFTER:
        assert delivery_reports.apply_due(now=now) == 1
        assert DeliveryReport.objects.get().state == State.WAITING
        now += wait
    assert delivery_reports.apply_due(now=now) == 1
    report = DeliveryReport.objects.get()
    assert (report.state, report.reason) == (State.DEAD, NOT_FOUND)
    assert report.attempts == len(TRIES_AFTER) + 1
    assert now - NOON >= timedelta(minutes=5)
    assert delivery_reports.apply_due(now=now + timedelta(days=1)) == 0
    assert status_of(row) == S.ACCEPTED


def test_the_same_report_again_changes_nothing(order: Order) -> None:
    row = accepted(order)
    received(S.DELIVERED)
    delivery_reports.apply_due(now=NOON)
    before = Notification.objects.values().get(pk=row.pk)
    received(S.DELIVERED, S.DELIVERED)
    assert delivery_reports.apply_due(now=NOON + 5 * SECOND) == 2
    assert Notification.objects.values().get(pk=row.pk) == before
    assert StatusFeedEntry.objects.count() == 1
    assert set(DeliveryReport.objects.values_list("state", flat=True)) == {State.APPLIED}


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize(
    "states",
    [(S.DELIVERED, S.FAILED_UNDELIVERED), (S.FAILED_UNDELIVERED, S.DELIVERED)],
    ids=lambda states: states[0].value,
)
def test_of_different_reports_the_first_one_stays(
    order: Order, states: Sequence[NotificationStatus], together: bool
) -> None:
    row = accepted(order)
    for status in states:
        received(status)
        if not together:
            delivery_reports.apply_due(now=NOON)
    delivery_reports.apply_due(now=NOON)
    assert status_of(row) == states[0]
    assert DeliveryReport.objects.filter(state=State.APPLIED).count() == 2


def test_a_late_delivery_replaces_the_failure_for_want_of_a_report(order: Order) -> None:
    row = accepted(order)
    expired = Result(row.pk, S.FAILED_TTL, finished=True, reason="No report came.")
    record.record([expired], now=NOON)
    received(S.DELIVERED)
    delivery_reports.apply_due(now=NOON + SECOND)
    assert status_of(row) == S.DELIVERED
    assert StatusFeedEntry.objects.count() == 2


def test_case_18_a_report_that_says_nothing_is_replaced_by_one_that_does(order: Order) -> None:
    row = accepted(order)
    received(S.FAILED, is_uncertain=True)
    delivery_reports.apply_due(now=NOON + SECOND)
    row.refresh_from_db()
    assert (row.status, row.reason, row.is_uncertain) == (S.FAILED, NOTHING_KNOWN, True)
    received(S.DELIVERED)
    delivery_reports.apply_due(now=NOON + SECOND)
    row.refresh_from_db()
    assert (row.status, row.reason, row.is_uncertain) == (S.DELIVERED, "", False)
    received(S.FAILED, is_uncertain=True)
    delivery_reports.apply_due(now=NOON + SECOND)
    assert status_of(row) == S.DELIVERED


def test_case_18_an_unknown_state_is_kept_for_somebody_and_changes_nothing(order: Order) -> None:
    row = accepted(order)
    received(None)
    delivery_reports.apply_due(now=NOON)
    report = DeliveryReport.objects.get()
    assert (report.state, report.reason) == (State.DEAD, UNKNOWN_STATE)
    assert status_of(row) == S.ACCEPTED
    delivery_reports.replay([report.pk], now=NOON)
    delivery_reports.apply_due(now=NOON)
    assert DeliveryReport.objects.get().state == State.DEAD


@pytest.mark.parametrize(
    ("channel", "reported", "address", "is_same"),
    [
        (SMS, "4799999999", "+4799999999", True),
        (SMS, "99999999", "+4799999999", True),
        (SMS, "004799999999", "+4799999999", True),
        (SMS, "", "+4799999999", True),
        (SMS, "4799999998", "+4799999999", False),
        (SMS, "4799999999", "", True),
        (EMAIL, "Kari@Example.COM", "kari@example.com", True),
        (EMAIL, "kari@example.com", "ola@example.com", False),
        (EMAIL, "kari@example.com", "kari@example.org", False),
        (EMAIL, "kari@xn--blbr-roah.example", "kari@blåbær.example", True),
        (EMAIL, "ola@xn--blbr-roah.example", "kari@blåbær.example", False),
        (EMAIL, "", "kari@example.com", True),
        (EMAIL, "kari@example.com", "", True),
    ],
)
def test_a_report_on_another_receiver_is_kept_and_applied_to_nobody(
    ttd: Creator, channel: NotificationChannel, reported: str, address: str, is_same: bool
) -> None:
    """Attack A10: events of some providers are not signed as a whole."""
    of = processed_order(ttd, channel=Channel.SMS if channel == SMS else Channel.EMAIL)
    row = accepted(of, normalized_address=address) if channel == SMS else None
    row = row or notification(
        of, S.SUCCEEDED, gateway_reference="A-1", normalized_address=address, finished_at=None
    )
    received(S.DELIVERED, channel=channel, receiver=reported)
    delivery_reports.apply_due(now=NOON)
    report = DeliveryReport.objects.get()
    if is_same:
        assert (report.state, status_of(row)) == (State.APPLIED, S.DELIVERED)
    else:
        assert (report.state, report.reason) == (State.DEAD, OF_ANOTHER)
        assert status_of(row) == row.status


def test_a_report_of_one_channel_never_ends_a_notification_of_the_other(ttd: Creator) -> None:
    mail_order = processed_order(ttd, channel=Channel.EMAIL)
    row = notification(mail_order, S.SUCCEEDED, gateway_reference="A-1", finished_at=None)
    received(S.FAILED_UNDELIVERED, channel=SMS)
    delivery_reports.apply_due(now=NOON)
    assert status_of(row) == S.SUCCEEDED
    received(S.FAILED_BOUNCED, channel=EMAIL)
    delivery_reports.apply_due(now=NOON)
    assert status_of(row) == S.FAILED_BOUNCED


@pytest.mark.parametrize("ended", [False, True])
def test_attack_a17_a_report_on_a_reference_of_several_notifications_is_nobodys(
    order: Order, ended: bool
) -> None:
    """Whether or not all but one of them have ended: the gateway may report twice on one."""
    rows = [accepted(order) for _ in range(20)]
    if ended:
        record.record([Result(row.pk, S.DELIVERED, finished=True) for row in rows[1:]], now=NOON)
    before = [status_of(row) for row in rows]
    received(S.FAILED_UNDELIVERED, receiver="4799999999")
    delivery_reports.apply_due(now=NOON)
    report = DeliveryReport.objects.get()
    assert (report.state, report.reason, report.notification_id) == (State.DEAD, AMBIGUOUS, None)
    assert [status_of(row) for row in rows] == before


def test_a_thousand_reports_are_applied_at_a_time_by_few_queries(
    order: Order, django_assert_max_num_queries: Any
) -> None:
    reports = reports_of_accepted(order, BATCH + 200)
    delivery_reports.store(reports=reports, now=NOON)
    with django_assert_max_num_queries(12):
        assert delivery_reports.apply_due(now=NOON) == BATCH
    assert delivery_reports.apply_due(now=NOON) == 200
    order.refresh_from_db()
    assert order.status == OrderStatus.COMPLETED


@pytest.mark.django_db(transaction=True)
def test_two_appliers_at_once_apply_each_report_once(order: Order) -> None:
    reports = reports_of_accepted(order, BATCH + 500)
    delivery_reports.store(reports=[*reports, *reversed(reports)], now=NOON)
    start = Barrier(2)

    def apply_all(_number: int) -> list[int]:
        try:
            start.wait(60)
            sizes = []
            while found := delivery_reports.apply_due(now=NOON):
                sizes.append(found)
            return sizes
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(apply_all, range(2))
    assert one
    assert other
    assert sum(one) + sum(other) == 2 * len(reports)
    assert set(DeliveryReport.objects.values_list("state", "attempts")) == {(State.APPLIED, 1)}
    assert not Notification.objects.exclude(status=S.DELIVERED).exists()
    order.refresh_from_db()
    assert order.status == OrderStatus.COMPLETED
    assert StatusFeedEntry.objects.count() == 1


def dead_reports(*references: str) -> list[int]:
    received(*[S.DELIVERED] * len(references))
    reports = list(DeliveryReport.objects.order_by("id"))
    for report, reference in zip(reports, references, strict=True):
        report.reference, report.state, report.reason = reference, State.DEAD, NOT_FOUND
        report.attempts = len(TRIES_AFTER) + 1
        report.save()
    return [report.pk for report in reports]


def test_a_dead_report_that_is_replayed_finds_its_notification_at_last(order: Order) -> None:
    chosen, other = dead_reports("A-1", "A-1")
    row = accepted(order)
    assert delivery_reports.replay([chosen, 0], now=NOON + SECOND) == 1
    report = DeliveryReport.objects.get(pk=chosen)
    assert (report.state, report.attempts, report.reason) == (State.WAITING, 0, "")
    assert delivery_reports.apply_due(now=NOON + SECOND) == 1
    assert status_of(row) == S.DELIVERED
    assert DeliveryReport.objects.get(pk=other).state == State.DEAD


def test_a_replayed_report_gets_all_its_tries_again(order: Order) -> None:
    (chosen,) = dead_reports("A-1")
    delivery_reports.replay([chosen], now=NOON)
    now = NOON
    for wait in TRIES_AFTER:
        assert delivery_reports.apply_due(now=now) == 1
        now += wait
    assert delivery_reports.apply_due(now=now) == 1
    assert DeliveryReport.objects.get().state == State.DEAD


def test_only_dead_reports_are_replayed(order: Order) -> None:
    accepted(order)
    received(S.DELIVERED)
    (report,) = DeliveryReport.objects.all()
    assert delivery_reports.replay([report.pk], now=NOON + SECOND) == 0
    delivery_reports.apply_due(now=NOON)
    assert delivery_reports.replay([report.pk], now=NOON + SECOND) == 0
    assert DeliveryReport.objects.get().state == State.APPLIED


def test_dead_reports_are_listed_the_latest_first_and_replayed_by_one_statement(
    order: Order, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ids = dead_reports("A-1", "A-2", "A-3")
    received(S.DELIVERED)
    assert [report.pk for report in DeliveryReport.objects.dead()] == ids[::-1]
    with django_assert_num_queries(1):
        assert delivery_reports.replay(ids, now=NOON) == 3
    assert not DeliveryReport.objects.dead().exists()
