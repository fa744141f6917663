"""Counting what was sent and what ended today: right, and at a cost that does not grow."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from back_office.pages.dashboard import daily_counts
from back_office.pages.dashboard.daily_counts import Count, Events, OfChannel
from notifications.counting.period import Within
from notifications.models import Notification, NotificationChannel, NotificationStatus
from notifications.reading import summaries
from notifications.results import record
from notifications.results.record import Result
from orders.models import Channel, Creator, Order
from runtime.uuid7 import lowest_at
from tests.building import NOON, notification, processed_order

S = NotificationStatus
EMAIL, SMS = NotificationChannel.EMAIL, NotificationChannel.SMS
MINUTE = timedelta(minutes=1)
MIDNIGHT = datetime(2025, 8, 24, 22, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def made(of: Order, status: NotificationStatus, *, at: datetime, **fields: Any) -> Notification:
    """A message whose id tells that it was made at the moment, and that ended then if at all."""
    number = Notification.objects.count()
    own = UUID(int=lowest_at(at).int + number)
    return notification(of, status, now=at, **{"id": own} | fields)


def sent(of: Order, status: NotificationStatus, *, at: datetime, **fields: Any) -> Notification:
    """One that left at once."""
    return made(of, status, at=at, **{"sent_at": at} | fields)


def whole(channel: NotificationChannel, found: Events) -> OfChannel:
    [one] = [one for one in found.channels if one.channel == channel]
    return one


def of(channel: NotificationChannel, found: Events) -> OfChannel:
    """Without what is told of the last hour, and of durations."""
    return replace(whole(channel, found), ended_lately=0, failed_lately=0, to_delivery=(None, None))


@pytest.fixture
def order(ttd: Creator) -> Order:
    return processed_order(ttd)


def test_a_day_without_notifications_has_noughts_everywhere(db: None) -> None:
    found = Count().look(now=NOON)
    assert found.channels == [OfChannel(EMAIL), OfChannel(SMS)]
    assert found.failures == []
    assert len(found.per_minute) == 60
    assert found.made_since is None


def test_the_numbers_are_those_that_the_api_tells_the_service_owners(ttd: Creator) -> None:
    at = NOON - timedelta(minutes=10)
    order = processed_order(ttd, channel=Channel.EMAIL_AND_SMS)
    for status in (S.DELIVERED, S.DELIVERED, S.ACCEPTED, S.FAILED_BARRED_RECEIVER):
        sent(order, status, at=at, channel=SMS)
    for status in (S.NEW, S.SENDING, S.FAILED_RECIPIENT_RESERVED):
        made(order, status, at=at, channel=SMS)
    sent(order, S.SUCCEEDED, at=at, channel=EMAIL)
    sent(order, S.SUCCEEDED, at=at, channel=EMAIL, finished_at=at, expires_at=None)
    sent(order, S.FAILED_BOUNCED, at=at, channel=EMAIL)
    found = Count().look(now=NOON)
    assert of(SMS, found) == OfChannel(SMS, sent=4, delivered=2, failed=1, never_sent=1)
    assert of(EMAIL, found) == OfChannel(EMAIL, sent=3, delivered=1, unreported=1, failed=1)
    assert dict(found.failures) == {
        S.FAILED_BARRED_RECEIVER: 1,
        S.FAILED_RECIPIENT_RESERVED: 1,
        S.FAILED_BOUNCED: 1,
    }
    for channel in NotificationChannel:
        summary = summaries.of_order(creator=ttd, order_id=order.pk, channel=channel)
        assert summary is not None
        listed = list(summary.notifications)
        here = of(channel, found)
        failed = sum(one.status.startswith("Failed") for one in listed)
        assert failed == here.failed + here.never_sent
        left_and_failed = {SMS: 1, EMAIL: 1}[channel]
        assert sum(one.succeeded for one in listed) == here.sent - left_and_failed


def test_a_notification_belongs_to_the_day_on_which_it_left_and_ended_not_to_that_of_its_making(
    order: Order,
) -> None:
    evening, morning = MIDNIGHT - timedelta(hours=3), NOON - timedelta(hours=3)
    made(order, S.DELIVERED, at=evening, sent_at=morning, finished_at=morning)
    sent(order, S.DELIVERED, at=evening)
    made(order, S.DELIVERED, at=evening, sent_at=evening, finished_at=morning)
    assert of(SMS, Count().look(now=NOON)) == OfChannel(SMS, sent=1, delivered=1, earlier=1)


def test_the_day_begins_at_midnight_in_norway(order: Order) -> None:
    sent(order, S.DELIVERED, at=MIDNIGHT - MINUTE)
    sent(order, S.DELIVERED, at=MIDNIGHT)
    assert of(SMS, Count().look(now=MIDNIGHT + MINUTE)) == OfChannel(SMS, 1, 1, 0, 0)


def test_what_was_remembered_of_yesterday_does_not_count_today(order: Order) -> None:
    sent(order, S.DELIVERED, at=MIDNIGHT - timedelta(minutes=30))
    count = Count()
    assert of(SMS, count.look(now=MIDNIGHT - MINUTE)).delivered == 1
    found = count.look(now=MIDNIGHT + MINUTE)
    assert of(SMS, found) == OfChannel(SMS, 0, 0, 0, 0)
    assert sum(minute.total() for _, minute in found.per_minute) == 1


def test_a_report_that_came_before_the_answer_to_the_sending_counts_as_sent_too(
    order: Order,
) -> None:
    made(order, S.DELIVERED, at=NOON, sent_at=None)
    assert of(SMS, Count().look(now=NOON)) == OfChannel(SMS, 1, 1, 0, 0)


def test_what_was_sent_is_delivered_or_failed_or_on_its_way(order: Order) -> None:
    evening = MIDNIGHT - timedelta(minutes=5)
    for status in (S.DELIVERED, S.FAILED_BARRED_RECEIVER, S.ACCEPTED, S.ACCEPTED):
        sent(order, status, at=NOON)
    for status in (S.DELIVERED, S.FAILED_BARRED_RECEIVER):
        sent(order, status, at=evening, finished_at=NOON)
    made(order, S.FAILED_RECIPIENT_RESERVED, at=NOON)
    count = Count()
    found = of(SMS, count.look(now=NOON))
    assert found == OfChannel(SMS, 4, 1, 0, failed=1, never_sent=1, earlier=2)
    assert found.sent == found.delivered + found.failed + found.on_its_way
    assert sum(dict(count.look(now=NOON).failures).values()) == found.failed + found.never_sent


def test_the_last_hour_tells_how_many_ended_and_failed_also_across_midnight(order: Order) -> None:
    ends = (MIDNIGHT - timedelta(minutes=30), MIDNIGHT + MINUTE, MIDNIGHT + 2 * MINUTE)
    for at, status in zip(ends, (S.FAILED_TTL, S.DELIVERED, S.FAILED), strict=True):
        sent(order, status, at=MIDNIGHT - timedelta(hours=2), finished_at=at)
    made(order, S.FAILED_RECIPIENT_RESERVED, at=MIDNIGHT)
    count = Count()
    count.look(now=MIDNIGHT - MINUTE)
    lately = [
        (found.ended_lately, found.failed_lately)
        for minutes in (5, 40, 90)
        for found in [whole(SMS, count.look(now=MIDNIGHT + minutes * MINUTE))]
    ]
    assert lately == [(3, 2), (2, 1), (0, 0)]


def test_it_is_told_how_long_delivery_takes(order: Order) -> None:
    for seconds in (*[0.5] * 6, *[20] * 3, 400):
        sent(order, S.DELIVERED, at=NOON, finished_at=NOON + timedelta(seconds=seconds))
    sent(order, S.DELIVERED, at=MIDNIGHT - MINUTE, finished_at=MIDNIGHT - MINUTE)
    found = whole(SMS, Count().look(now=NOON + timedelta(hours=1)))
    assert found.to_delivery == (Within(1), Within(900))


def test_the_minutes_of_the_last_hour_tell_when_notifications_left(order: Order) -> None:
    for at in (NOON - timedelta(minutes=60), NOON - timedelta(minutes=59), NOON, NOON):
        sent(order, S.ACCEPTED, at=NOON - timedelta(hours=2), sent_at=at)
    sent(order, S.SUCCEEDED, at=NOON, channel=EMAIL)
    per_minute = Count().look(now=NOON + timedelta(seconds=30)).per_minute
    assert [start for start, _ in per_minute] == [
        NOON + MINUTE * number for number in range(-59, 1)
    ]
    assert {start: dict(minute) for start, minute in per_minute if minute} == {
        NOON - timedelta(minutes=59): {SMS: 1},
        NOON: {SMS: 2, EMAIL: 1},
    }


def test_what_can_still_change_is_counted_again(order: Order) -> None:
    waiting = made(order, S.NEW, at=NOON - timedelta(hours=2))
    count = Count()
    assert of(SMS, count.look(now=NOON)).sent == 0
    record.record([Result(waiting.pk, S.ACCEPTED, finished=False)], now=NOON)
    assert of(SMS, count.look(now=NOON)) == OfChannel(SMS, 1, 0, 0, 0)
    record.record([Result(waiting.pk, S.DELIVERED, finished=True)], now=NOON)
    assert of(SMS, count.look(now=NOON)) == OfChannel(SMS, 1, 1, 0, 0)


def test_a_late_report_makes_a_delivered_notification_of_an_expired_one(order: Order) -> None:
    expired = made(order, S.FAILED_TTL, at=NOON - timedelta(hours=50), finished_at=NOON)
    count = Count()
    assert of(SMS, count.look(now=NOON)).never_sent == 1
    record.record([Result(expired.pk, S.DELIVERED, finished=True)], now=NOON)
    assert of(SMS, count.look(now=NOON)) == OfChannel(SMS, 1, 1, 0, 0)


def test_a_row_that_appears_late_in_its_minute_is_not_missed(order: Order) -> None:
    count = Count()
    count.look(now=NOON + MINUTE)
    sent(order, S.DELIVERED, at=NOON - timedelta(seconds=30))
    assert of(SMS, count.look(now=NOON + MINUTE)).delivered == 1


def test_minutes_whose_notifications_have_ended_are_not_read_again(order: Order) -> None:
    for number in range(10):
        sent(order, S.DELIVERED, at=NOON - timedelta(hours=1) + MINUTE * number)
    count = Count()
    count.look(now=NOON)
    assert asked_for(lambda: count.look(now=NOON)) == []
    assert of(SMS, count.look(now=NOON)).delivered == 10


def asked_for(look: Callable[[], object]) -> list[UUID]:
    """The messages that the one statement of the look reads."""
    _, params = statement_of(look)
    ranges = list(zip(params["starts"], params["ends"], strict=True))
    ids = Notification.objects.values_list("pk", flat=True)
    return [pk for pk in ids if any(low <= pk < high for low, high in ranges)]


@pytest.mark.parametrize("most", [1, 3, 7, 30, 31])
def test_many_notifications_are_counted_in_several_looks_that_say_how_far_they_have_come(
    order: Order, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(daily_counts, "MAX_COUNTED", most)
    monkeypatch.setattr(daily_counts, "STATEMENTS", 1)
    for number in range(10):
        for _ in range(number % 7):
            sent(order, S.DELIVERED, at=NOON - timedelta(minutes=5 * number))
    total = sum(number % 7 for number in range(10))
    count = Count()
    for _ in range(200):
        found = count.look(now=NOON)
        delivered = of(SMS, found).delivered
        if found.made_since is None:
            break
        since = Notification.objects.filter(id__gte=lowest_at(found.made_since)).count()
        assert delivered == since
    assert delivered == total


def test_a_backlog_too_large_for_one_look_is_counted_in_turns_and_the_oldest_count_is_told(
    order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        for _ in range(5):
            made(order, S.NEW, at=NOON - timedelta(hours=1, minutes=number))
    count = Count()
    assert count.look(now=NOON).as_of == NOON
    count._max_counted = 11
    row = Notification.objects.earliest("id")
    record.record([Result(row.pk, S.ACCEPTED, finished=False)], now=NOON)
    later = [NOON + timedelta(seconds=10 * turn) for turn in range(1, 8)]
    looks = [count.look(now=now) for now in later]
    assert looks[0].as_of == NOON
    assert of(SMS, looks[-1]).sent == 1
    for now, found in zip(later, looks, strict=True):
        assert found.as_of <= now
    assert looks[-1].as_of > NOON


def test_the_cost_of_a_look_does_not_depend_on_the_size_of_the_table(order: Order) -> None:
    many = 20_000
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO notifications_notification
                (id, order_id, creator_id, channel, policy, address, normalized_address,
                 national_identity_number, organization_number, status, status_at, finished_at,
                 reason, next_attempt_at, attempts, created, is_held)
            SELECT (%s::uuid[])[number], %s, %s, 'Sms', 'Daytime', '', '', '', '', 'Delivered',
                %s, %s, '', %s, 0, %s, false
            FROM generate_series(1, %s) AS number ORDER BY number
            """,
            [
                [UUID(int=lowest_at(NOON - timedelta(days=30)).int + n) for n in range(many)],
                order.pk,
                order.creator_id,
                *[NOON] * 4,
                many,
            ],
        )
        cursor.execute("ANALYZE notifications_notification")
    made(order, S.NEW, at=NOON - timedelta(hours=1))
    count = Count()
    with CaptureQueriesContext(connection) as queries:
        count.look(now=NOON)
    assert len(queries) == 1
    plan = planned(lambda: count.look(now=NOON))
    assert "Seq Scan on notifications_notification" not in plan
    assert "notifications_notification_pkey" in plan


def planned(look: Callable[[], object]) -> str:
    sql, params = statement_of(look)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}", params)
        return "\n".join(row[0] for row in cursor.fetchall())


def statement_of(look: Callable[[], object]) -> tuple[str, Any]:
    caught: list[tuple[str, Any]] = []

    def catch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        caught.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(catch):
        look()
    [statement] = caught
    return statement
