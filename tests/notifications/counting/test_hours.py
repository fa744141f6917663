"""Daily counts are those of the notifications themselves, whatever happens between."""

import random
import threading
from collections.abc import Callable
from copy import copy
from datetime import datetime, timedelta
from functools import partial
from importlib import import_module
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from bench.plans import most_rows_read
from notifications.counting import hours
from notifications.models import (
    CountedHour,
    DailyCount,
    LateChange,
    Notification,
    NotificationChannel,
    NotificationStatus,
)
from notifications.results import record
from notifications.results.record import Result
from orders.models import Creator, Order
from tests.building import NOON
from tests.notifications.conftest import Worker
from tests.notifications.counting.days import (
    count,
    counted,
    id_at,
    made_at,
    order_at,
    orders_counted,
    there_are,
)

S = NotificationStatus
SMS, EMAIL = NotificationChannel.SMS, NotificationChannel.EMAIL
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

pytestmark = pytest.mark.django_db


def _rows() -> list[DailyCount]:
    return list(DailyCount.objects.filter(notifications__gt=0))


def end(one: Notification, status: S, now: Any, **fields: Any) -> None:
    assert record.record([Result(one.pk, status, finished=True, **fields)], now=now)


def test_what_there_is_is_counted_by_day_owner_channel_and_status(
    ttd: Creator, skd: Creator
) -> None:
    today, tomorrow = order_at(ttd, NOON), order_at(ttd, NOON, requested_send_time=NOON + DAY)
    others = order_at(skd, NOON)
    for status in (S.NEW, S.SENDING, S.ACCEPTED, S.DELIVERED, S.DELIVERED, S.FAILED_TTL):
        made_at(today, status, NOON, channel=SMS)
    made_at(tomorrow, S.SUCCEEDED, NOON, channel=EMAIL)
    made_at(others, S.DELIVERED, NOON, channel=SMS)
    count(NOON)
    assert counted() == there_are()
    assert counted()["2025-08-25", "ttd", "Sms", "Delivered"] == 2
    assert counted()["2025-08-26", "ttd", "Email", "Succeeded"] == 1
    assert orders_counted() == {
        ("2025-08-25", "ttd"): 1,
        ("2025-08-26", "ttd"): 1,
        ("2025-08-25", "skd"): 1,
    }


def test_a_day_is_that_of_the_requested_send_time_in_utc(ttd: Creator) -> None:
    midnight = NOON.replace(hour=0)
    for moment in (midnight - MINUTE, midnight):
        late = order_at(ttd, midnight - HOUR, requested_send_time=moment)
        made_at(late, S.DELIVERED, midnight + MINUTE, channel=SMS)
    count(NOON)
    assert counted() == {
        ("2025-08-24", "ttd", "Sms", "Delivered"): 1,
        ("2025-08-25", "ttd", "Sms", "Delivered"): 1,
    }


def test_segments_and_durations_are_added_up(ttd: Creator) -> None:
    order = order_at(ttd, NOON)
    for to_gateway, to_delivery in ((0.5, 3), (0.9, 90_000), (40, 0)):
        sent = NOON + timedelta(seconds=to_gateway)
        delivered = sent + timedelta(seconds=to_delivery)
        made_at(
            order, S.DELIVERED, NOON, channel=SMS, segments=2, sent_at=sent, finished_at=delivered
        )
    made_at(order, S.DELIVERED, NOON, channel=SMS, segments=None)  # its report came first
    count(NOON)
    row = DailyCount.objects.get(notifications__gt=0)
    assert (row.notifications, row.segments) == (4, 6)
    assert row.to_gateway == [2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    assert row.to_delivery == [1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    assert (row.sent, row.sent_segments, row.unfinished) == (4, 6, 0)


def test_what_was_sent_and_what_may_still_change_is_counted_beside_all(ttd: Creator) -> None:
    order = order_at(ttd, NOON)
    for status in (S.NEW, S.ACCEPTED, S.FAILED_BARRED_RECEIVER):
        sent_at = None if status == S.NEW else NOON
        made_at(order, status, NOON, channel=SMS, segments=2, sent_at=sent_at)
    made_at(order, S.FAILED_RECIPIENT_RESERVED, NOON, channel=SMS, segments=2)
    made_at(order, S.FAILED_BARRED_RECEIVER, NOON, channel=SMS, segments=2)
    count(NOON)
    numbers = {row.status: (row.sent, row.sent_segments, row.unfinished) for row in _rows()}
    assert numbers == {
        S.NEW: (0, 0, 1),
        S.ACCEPTED: (1, 2, 1),
        S.FAILED_BARRED_RECEIVER: (1, 2, 0),
        S.FAILED_RECIPIENT_RESERVED: (0, 0, 0),
    }


def test_an_hour_that_an_older_version_counted_is_counted_again_and_adds_what_is_new(
    ttd: Creator,
) -> None:
    order = order_at(ttd, NOON)
    made_at(order, S.DELIVERED, NOON, channel=SMS, segments=3, sent_at=NOON)
    count(NOON + DAY)
    hour = CountedHour.objects.get(hour=NOON)
    [numbers] = hour.counts["notifications"]
    hour.counts["notifications"] = [numbers[:-3]]
    hour.save()
    DailyCount.objects.update(unfinished=0, sent=0, sent_segments=0)
    import_module("notifications.migrations.0012_count_again").count_again(
        None, connection.schema_editor()
    )
    count(NOON + DAY)
    [row] = _rows()
    assert (row.notifications, row.segments) == (1, 3)
    assert (row.sent, row.sent_segments, row.unfinished) == (1, 3, 0)


def test_counting_again_changes_nothing(ttd: Creator) -> None:
    order = order_at(ttd, NOON)
    made_at(order, S.NEW, NOON)
    for minutes in range(0, 300, 10):
        count(NOON + minutes * MINUTE)
        assert counted() == there_are()
        assert orders_counted() == {("2025-08-25", "ttd"): 1}


def test_what_becomes_of_an_open_notification_is_counted_in_its_place(ttd: Creator) -> None:
    order = order_at(ttd, NOON)
    one = made_at(order, S.SENDING, NOON, channel=SMS)
    count(NOON)
    end(one, S.DELIVERED, NOON + HOUR, lease_token=one.lease_token)
    count(NOON + 4 * HOUR)
    assert counted() == there_are()
    assert counted().total() == 1


def test_an_hour_is_settled_once_all_of_it_has_ended(ttd: Creator) -> None:
    order = order_at(ttd, NOON)
    made_at(order, S.DELIVERED, NOON, channel=SMS)
    waiting = made_at(order, S.ACCEPTED, NOON + HOUR, channel=SMS)
    count(NOON + 4 * HOUR)
    rows = {row.hour: row.next_count_at for row in CountedHour.objects.filter(hour__gte=NOON)}
    assert rows[NOON] is None
    assert rows[NOON + HOUR] == NOON + 5 * HOUR  # half of the two hours since its end
    end(waiting, S.FAILED_TTL, NOON + 4.5 * HOUR)
    count(NOON + 6 * HOUR)
    assert CountedHour.objects.get(hour=NOON + HOUR).next_count_at is None
    assert counted() == there_are()


def test_a_row_that_appears_late_is_counted(ttd: Creator) -> None:
    """Its transaction was long: the hour had been counted, and found empty."""
    order = order_at(ttd, NOON)
    count(NOON + 30 * MINUTE)
    made_at(order, S.DELIVERED, NOON + MINUTE, channel=SMS)
    made_at(order, S.DELIVERED, NOON - HOUR, channel=SMS)
    count(NOON + 3 * HOUR)
    assert counted() == there_are()


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (S.FAILED_TTL, S.DELIVERED),
        (S.DELIVERED, S.FAILED_BOUNCED),
        (S.FAILED, S.FAILED_BOUNCED),
    ],
)
def test_a_late_change_of_a_settled_hour_is_counted_at_once(
    ttd: Creator, first: S, then: S
) -> None:
    order = order_at(ttd, NOON)
    one = made_at(order, first, NOON, channel=EMAIL)
    for number in range(3):
        made_at(order, S.DELIVERED, NOON + number * HOUR, channel=EMAIL)
    count(NOON + DAY)
    assert not CountedHour.objects.filter(hour__lte=NOON, next_count_at__isnull=False)
    end(one, then, NOON + 30 * DAY)
    count(NOON + 30 * DAY)
    assert counted() == there_are()
    assert not LateChange.objects.exists()
    assert CountedHour.objects.get(hour=NOON).last_result_at == NOON + 30 * DAY


def test_only_what_had_ended_before_leaves_a_mark(ttd: Creator) -> None:
    one = made_at(order_at(ttd, NOON), S.ACCEPTED, NOON, channel=SMS)
    end(one, S.DELIVERED, NOON)
    assert not LateChange.objects.exists()


def test_a_mark_of_an_hour_that_was_never_counted_waits_for_it(ttd: Creator) -> None:
    one = made_at(order_at(ttd, NOON), S.FAILED_TTL, NOON, channel=SMS)
    end(one, S.DELIVERED, NOON + DAY)
    assert LateChange.objects.count() == 1
    count(NOON + DAY)
    assert counted() == there_are()
    assert not LateChange.objects.exists()


def test_an_older_installation_is_counted_from_its_first_order_on(ttd: Creator) -> None:
    for days in (0, 1, 40, 400):
        order = order_at(ttd, NOON + days * DAY)
        made_at(order, S.DELIVERED, NOON + days * DAY, channel=SMS)
    turns = count(NOON + 400 * DAY)
    assert counted() == there_are()
    assert len(orders_counted()) == 4
    assert turns < 20  # hours in which nothing was made are passed over


def test_an_empty_installation_has_nothing_to_count(db: None) -> None:
    assert count(NOON) == 0
    assert not CountedHour.objects.exists()


@pytest.mark.parametrize("statement", range(1, 8))
def test_a_count_that_breaks_off_anywhere_is_made_anew(
    ttd: Creator, monkeypatch: pytest.MonkeyPatch, statement: int
) -> None:
    order = order_at(ttd, NOON)
    one = made_at(order, S.FAILED_TTL, NOON, channel=SMS)
    made_at(order, S.DELIVERED, NOON, channel=SMS)
    count(NOON)
    end(one, S.DELIVERED, NOON + MINUTE)
    made_at(order, S.ACCEPTED, NOON + MINUTE, channel=SMS)
    seen = 0

    def dies(execute: Callable[..., Any], *given: Any) -> Any:
        nonlocal seen
        seen += 1
        if seen == statement:
            raise ConnectionError
        return execute(*given)

    with connection.execute_wrapper(dies), pytest.raises(ConnectionError):
        hours.count_next(now=NOON + 10 * MINUTE)
    count(NOON + 10 * MINUTE)
    assert counted() == there_are()


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_not_committed_yet_is_left_to_the_next_count(ttd: Creator) -> None:
    one, other = (made_at(order_at(ttd, NOON), S.FAILED_TTL, NOON, channel=SMS) for _ in range(2))
    count(NOON)
    changed, go_on = threading.Event(), threading.Event()

    def report_slowly() -> None:
        with transaction.atomic():
            end(other, S.DELIVERED, NOON)
            changed.set()
            assert go_on.wait(60)

    worker = Worker(report_slowly)
    assert changed.wait(60)
    end(one, S.DELIVERED, NOON)
    count(NOON)
    go_on.set()
    worker.result()
    count(NOON)
    assert counted() == there_are() == {("2025-08-25", "ttd", "Sms", "Delivered"): 2}


@pytest.mark.django_db(transaction=True)
def test_many_who_count_at_once_count_once(ttd: Creator) -> None:
    for number in range(12):
        order = order_at(ttd, NOON + number * HOUR)
        made_at(order, S.DELIVERED, NOON + number * HOUR, channel=SMS)
    for again in range(3):
        workers = [Worker(partial(count, NOON + (12 + again) * HOUR)) for _ in range(4)]
        for worker in workers:
            worker.result()
        assert counted() == there_are()
        assert sum(orders_counted().values()) == 12


def test_after_any_history_the_counts_are_right(ttd: Creator, skd: Creator) -> None:
    """Placing, resending, results, late reports and counts in any order."""
    chance = random.Random(13)
    now, orders = NOON, [order_at(ttd, NOON), order_at(skd, NOON)]
    for _ in range(150):
        now += timedelta(minutes=chance.randrange(60))
        match chance.randrange(5):
            case 0:
                owner = chance.choice([ttd, skd])
                later = now + timedelta(hours=chance.randrange(72))
                orders.append(order_at(owner, now, requested_send_time=later))
            case 1:
                made_at(chance.choice(orders), S.NEW, now, channel=SMS, segments=1)
            case 2 | 3:
                rows = list(Notification.objects.order_by("id"))
                if rows:
                    one = chance.choice(rows)
                    status = chance.choice([S.DELIVERED, S.FAILED_TTL, S.FAILED])
                    record.record([Result(one.pk, status, finished=True)], now=now)
            case 4:
                count(now)
    count(now + 100 * DAY)
    assert counted() == there_are()
    assert sum(orders_counted().values()) == len(orders)


def test_the_cost_is_that_of_an_hour_however_large_the_tables_are(ttd: Creator) -> None:
    def grow(days: range) -> None:
        for number in days:
            order = order_at(ttd, NOON + number * DAY)
            for _ in range(5):
                made_at(order, S.DELIVERED, NOON + number * DAY, channel=SMS)
            count(NOON + number * DAY + 30 * MINUTE)

    def crowd(moment: datetime) -> None:
        order = order_at(ttd, moment)
        one = made_at(order, S.DELIVERED, moment, channel=SMS)
        orders, notifications = [], []
        for number in range(3_000):
            order.id, one.id = id_at(moment, 10_000 + number), id_at(moment, 20_000 + number)
            orders.append(copy(order))
            notifications.append(copy(one))
        Order.objects.bulk_create(orders)
        Notification.objects.bulk_create(notifications)
        CountedHour.objects.bulk_create(
            CountedHour(hour=NOON - (DAY + number * HOUR)) for number in range(3_000)
        )
        count(moment + 30 * MINUTE)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    def look(day: int) -> tuple[int, int]:
        now = NOON + day * DAY + 40 * MINUTE
        with CaptureQueriesContext(connection) as queries:
            read = most_rows_read(lambda: hours.count_next(now=now))
        return read, len(queries)

    grow(range(2))
    _, statements = look(1)
    grow(range(2, 20))
    crowd(NOON + 20 * DAY)
    grow(range(21, 40))
    assert look(39) == (5, statements)
