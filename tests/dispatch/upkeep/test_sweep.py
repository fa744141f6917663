"""Nothing stays open for ever: lapsed leases, expired messages and lost orders are put right."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection

from dispatch.gateways.base import Outcome
from dispatch.gateways.by_channel import ways_out
from dispatch.models import Attempt, Silence
from dispatch.reports import delivery_reports
from dispatch.reports.delivery_reports import ReceivedReport
from dispatch.sending import claims
from dispatch.sending.claims import Claimed
from dispatch.sending.recording import Recorder, Sent
from dispatch.upkeep import sweep as sweeping
from dispatch.upkeep.sweep import NEVER_SENT, NO_REPORT, NOBODY_KNOWS, Swept
from notifications.models import (
    Notification,
    NotificationChannel,
    NotificationStatus,
    StatusFeedEntry,
)
from notifications.results import record as results
from notifications.results.record import Result
from orders.models import Channel, Creator, Order, OrderStatus
from tests.building import NOON, notification, processed_order
from tests.dispatch.waiting import messages_of

SMS = NotificationChannel.SMS
S = NotificationStatus
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
NOTHING = Swept(lapsed=0, expired=0, completed=0, ended=0, marked=0)


@pytest.fixture
def order(ttd: Creator) -> Order:
    """One that processing has just finished with."""
    return processed_order(ttd, status_at=NOON)


def test_a_sweep_with_nothing_to_do_changes_nothing(order: Order) -> None:
    for status in (S.NEW, S.SENDING, S.ACCEPTED):
        notification(order, status)
    before = list(Notification.objects.order_by("pk").values())
    assert sweeping.sweep(now=NOON + MINUTE) == NOTHING
    assert list(Notification.objects.order_by("pk").values()) == before


def test_a_notification_whose_lease_has_lapsed_goes_back_to_the_queue(order: Order) -> None:
    row = notification(order, S.SENDING, lease_until=NOON - SECOND)
    assert sweeping.sweep(now=NOON).lapsed == 1
    row.refresh_from_db()
    assert (row.status, row.attempts, row.next_attempt_at) == (S.NEW, 1, NOON)
    assert (row.lease_token, row.lease_until) == (None, None)
    attempt = Attempt.objects.get()
    assert (attempt.notification_id, attempt.outcome) == (row.pk, Attempt.Outcome.LEASE_LOST)
    (claimed,) = claims.claim(SMS, limit=10, now=NOON)
    assert (claimed.message.notification_id, claimed.attempts) == (row.pk, 1)


def test_after_a_restart_of_the_database_workers_first_write_what_they_have_in_hand(
    order: Order,
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_postmaster_start_time()")
        started = cursor.fetchone()[0]
    # Claimed before PostgreSQL went away, which was for longer than the lease.
    before = {"status_at": started - 3 * MINUTE, "lease_until": started - MINUTE}
    row = notification(order, S.SENDING, lease_token=uuid4(), **before)
    assert sweeping.sweep(now=started + 14 * SECOND).lapsed == 0
    recorded = Result(row.pk, S.ACCEPTED, finished=False, lease_token=row.lease_token)
    assert results.record([recorded], now=started + 14 * SECOND) == {row.pk}

    lost = notification(order, S.SENDING, **before)
    assert sweeping.sweep(now=started + 16 * SECOND).lapsed == 1
    assert Attempt.objects.get().notification_id == lost.pk


SILENCE = [sweeping.SILENT_AFTER * claims.LEASE + SECOND, timedelta(hours=1)]


@pytest.mark.parametrize("silence", SILENCE)
def test_case_02_after_a_time_without_writes_workers_first_write_what_they_have_in_hand(
    order: Order, silence: timedelta
) -> None:
    """The database was read-only for longer than a lease, and never restarted."""
    assert sweeping.sweep(now=NOON) == NOTHING
    again, token = NOON + silence, uuid4()
    in_hand = [
        notification(
            order, S.SENDING, status_at=NOON - MINUTE, lease_until=moment, lease_token=token
        )
        for moment in (NOON, again - SECOND, again + SECOND)
    ]
    assert sweeping.sweep(now=again).lapsed == 0
    assert sweeping.sweep(now=again + 14 * SECOND).lapsed == 0
    recorded = Result(in_hand[0].pk, S.ACCEPTED, finished=False, lease_token=token)
    assert results.record([recorded], now=again + 14 * SECOND) == {in_hand[0].pk}
    # Nobody had the others in hand: their worker died meanwhile.
    assert sweeping.sweep(now=again + 16 * SECOND).lapsed == 2


def test_what_was_claimed_or_had_lapsed_apart_from_the_silence_does_not_wait(
    order: Order,
) -> None:
    lapsed_before = notification(
        order, S.SENDING, status_at=NOON - 3 * MINUTE, lease_until=NOON - SECOND
    )
    Silence.objects.create(seen=NOON)
    again = NOON + 5 * MINUTE
    assert sweeping.sweep(now=again).lapsed == 1
    assert Attempt.objects.get().notification_id == lapsed_before.pk
    notification(order, S.SENDING, status_at=again + SECOND, lease_until=again + 2 * SECOND)
    assert sweeping.sweep(now=again + 3 * SECOND).lapsed == 1


def test_sweeps_that_are_always_far_apart_find_all_the_same(order: Order) -> None:
    sweeping.sweep(now=NOON)
    notification(order, S.SENDING, status_at=NOON, lease_until=NOON + MINUTE)
    assert sweeping.sweep(now=NOON + 5 * MINUTE).lapsed == 0
    assert sweeping.sweep(now=NOON + 10 * MINUTE).lapsed == 1


def test_what_was_claimed_since_the_restart_of_the_database_does_not_wait_for_it(
    order: Order,
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_postmaster_start_time()")
        started = cursor.fetchone()[0]
    lease = {"status_at": started + SECOND, "lease_until": started + 2 * SECOND}
    notification(order, S.SENDING, **lease)
    assert sweeping.sweep(now=started + 3 * SECOND).lapsed == 1


def test_a_notification_being_sent_under_a_living_lease_is_left_even_past_its_expiry(
    order: Order,
) -> None:
    lease = {"lease_until": NOON + SECOND, "expires_at": NOON - timedelta(hours=1)}
    row = notification(order, S.SENDING, **lease)
    assert sweeping.sweep(now=NOON) == NOTHING
    # When the lease ends it is too late for another try.
    assert sweeping.sweep(now=NOON + 2 * SECOND) == replace(NOTHING, lapsed=1, expired=1)
    row.refresh_from_db()
    assert (row.status, row.reason) == (S.FAILED_TTL, NOBODY_KNOWS)


@pytest.mark.parametrize(
    ("outcomes", "reason"),
    [
        (["Error"], NEVER_SENT),
        (["Unknown"], NOBODY_KNOWS),
        (["LeaseLost", "Error"], NOBODY_KNOWS),
    ],
)
def test_what_a_gateway_may_have_is_not_told_as_unsent(
    order: Order, outcomes: list[str], reason: str
) -> None:
    """As when it waits for a gateway that the settings name no more."""
    row = notification(order, S.NEW, expires_at=NOON, gateway="gone")
    for outcome in outcomes:
        Attempt.objects.create(notification=row, outcome=outcome, reason="", created=NOON)
    assert sweeping.sweep(now=NOON + 6 * MINUTE).expired == 1
    row.refresh_from_db()
    assert (row.status, row.reason) == (S.FAILED_TTL, reason)


@pytest.mark.parametrize(
    ("status", "reason"),
    [(S.NEW, NEVER_SENT), (S.ACCEPTED, NO_REPORT)],
)
def test_an_open_notification_past_its_expiry_fails_and_completes_its_order(
    order: Order, status: NotificationStatus, reason: str
) -> None:
    sent_at = NOON if status == S.ACCEPTED else None
    row = notification(order, status, expires_at=NOON, sent_at=sent_at)
    assert sweeping.sweep(now=NOON + 4 * MINUTE).expired == 0
    row.refresh_from_db()
    assert row.status == status
    assert sweeping.sweep(now=NOON + 6 * MINUTE).expired == 1
    row.refresh_from_db()
    assert (row.status, row.reason) == (S.FAILED_TTL, reason)
    order.refresh_from_db()
    assert order.status == OrderStatus.COMPLETED
    assert StatusFeedEntry.objects.get().recipients[0]["status"] == "Failed_TTL"
    assert sweeping.sweep(now=NOON + 7 * MINUTE) == NOTHING


def test_an_email_that_no_event_came_for_fails_and_one_that_expects_none_stays(
    ttd: Creator,
) -> None:
    order = processed_order(ttd, channel=Channel.EMAIL)
    waiting = notification(order, S.SUCCEEDED, finished_at=None, expires_at=NOON, sent_at=NOON)
    closed = notification(order, S.SUCCEEDED, finished_at=NOON, expires_at=None, sent_at=NOON)
    assert sweeping.sweep(now=NOON + 6 * MINUTE).expired == 1
    waiting.refresh_from_db()
    closed.refresh_from_db()
    assert (waiting.status, waiting.reason) == (S.FAILED_TTL, NO_REPORT)
    assert closed.status == S.SUCCEEDED


def test_more_than_a_batch_expires_in_one_sweep(order: Order) -> None:
    messages_of(order, 2 * sweeping.BATCH + 50, now=NOON, expires_at=NOON)
    assert sweeping.sweep(now=NOON + 6 * MINUTE).expired == 2 * sweeping.BATCH + 50
    order.refresh_from_db()
    assert order.status == OrderStatus.COMPLETED
    assert StatusFeedEntry.objects.count() == 1


def test_an_order_left_behind_is_completed(order: Order) -> None:
    notification(order, S.DELIVERED)
    assert sweeping.sweep(now=NOON + 59 * SECOND).completed == 0
    assert sweeping.sweep(now=NOON + 61 * SECOND).completed == 1
    order.refresh_from_db()
    assert order.status == OrderStatus.COMPLETED
    assert StatusFeedEntry.objects.count() == 1


@pytest.mark.parametrize("status", [s for s in OrderStatus if s != OrderStatus.PROCESSED])
def test_orders_in_other_states_are_left_to_others(ttd: Creator, status: OrderStatus) -> None:
    notification(processed_order(ttd, status=status), S.DELIVERED)
    assert sweeping.sweep(now=NOON + 5 * MINUTE).completed == 0


@pytest.mark.django_db(transaction=True)
def test_however_recorders_reports_and_sweeps_race_an_order_is_completed_once(
    ttd: Creator,
) -> None:
    """The last messages of each order end at the same moment by different hands: one is refused,
    one delivered, one expired; and the sweep looks for orders left behind."""
    count, soon = 60, NOON + 6 * MINUTE
    claimed: list[Claimed] = []
    reports: list[ReceivedReport] = []
    for number in range(count):
        # Half of them are old enough for the sweep to ask whether they were left behind.
        order = processed_order(ttd, status_at=NOON if number % 2 else soon)
        notification(order, next_attempt_at=NOON)
        reference = f"A-{number}"
        notification(order, S.ACCEPTED, gateway_reference=reference, sent_at=NOON)
        notification(order, S.ACCEPTED, expires_at=NOON, sent_at=NOON)
        reports.append(ReceivedReport(SMS, reference, S.DELIVERED, {}))
    claimed = claims.claim(SMS, limit=count, now=soon)
    assert len(claimed) == count
    delivery_reports.store(reports=reports, now=soon)
    random.shuffle(claimed)
    recorder = Recorder(ways_out(NotificationChannel.SMS))
    refused = Outcome.failed("Refused.")

    def record() -> None:
        for start in range(0, count, 5):
            recorder.record([Sent(one, refused) for one in claimed[start : start + 5]], now=soon)

    def apply() -> None:
        while delivery_reports.apply_due(now=soon):
            pass

    def sweep() -> None:
        for _ in range(5):
            sweeping.sweep(now=soon)

    together(record, apply, sweep, sweep)
    assert Notification.objects.open().count() == 0
    assert set(Order.objects.values_list("status", flat=True)) == {OrderStatus.COMPLETED}
    entries = StatusFeedEntry.objects.all()
    assert len({entry.order_id for entry in entries}) == len(entries) == count
    for entry in entries:
        found = {recipient["status"] for recipient in entry.recipients}
        assert found == {S.FAILED, S.DELIVERED, S.FAILED_TTL}


def together(*jobs: Callable[[], None]) -> None:
    start = Barrier(len(jobs))

    def run(job: Callable[[], None]) -> None:
        try:
            start.wait(60)
            job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        list(pool.map(run, jobs))
