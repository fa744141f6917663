"""Reading the feed: page by page, forwards and back, at a cost that only the page decides."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from bench.plans import buffers, is_explained, most_rows_read, plan_of
from notifications.models import NotificationChannel, NotificationStatus, StatusFeedEntry
from notifications.reading import status_feed
from notifications.reading.status_feed import Direction, Entry, Outcome
from notifications.results import feed
from orders.models import Channel, Creator, Order
from tests.building import NOON, ids, notification, order, processed_order

S = NotificationStatus
ORDERS_OF_EACH, FEW, MANY = 5, 4_000, 100_000

pytestmark = pytest.mark.django_db


def ended(creator: Creator, count: int = 1, **fields: Any) -> list[Order]:
    """Orders with an entry in the feed each."""
    orders = [
        processed_order(creator, S.DELIVERED, status="Completed", **fields) for _ in range(count)
    ]
    feed.publish(ids(orders), now=NOON)
    return orders


def page(creator: Creator, **wanted: Any) -> list[Entry]:
    return status_feed.page(creator=creator, **{"behind": 0, "limit": 500} | wanted)


def shipments(entries: list[Entry]) -> list[UUID]:
    return [entry.shipment_id for entry in entries]


def test_an_entry_tells_of_the_order_and_each_of_its_notifications(ttd: Creator) -> None:
    (placed,) = ended(ttd, senders_reference="ref-1")
    (entry,) = page(ttd)
    assert (entry.shipment_id, entry.type) == (placed.pk, "Notification")
    assert (entry.senders_reference, entry.status, entry.at) == ("ref-1", "Completed", NOON)
    assert list(entry.outcomes()) == [Outcome("Sms", "+4799999999", "Delivered", NOON)]


def test_emails_come_before_sms_each_in_the_order_they_were_made(ttd: Creator) -> None:
    placed = order(ttd, Channel.EMAIL_AND_SMS, status="Completed")
    for number in range(3):
        for channel in (NotificationChannel.SMS, NotificationChannel.EMAIL):
            notification(placed, S.DELIVERED, channel=channel, address=f"{channel}{number}")
    feed.publish([placed.pk], now=NOON)
    (entry,) = page(ttd)
    told = [outcome.destination for outcome in entry.outcomes()]
    assert told == ["Email0", "Email1", "Email2", "Sms0", "Sms1", "Sms2"]


def test_a_reader_goes_forwards_from_number_to_number(ttd: Creator) -> None:
    orders = ended(ttd, 5)
    seen: list[UUID] = []
    behind = 0
    while entries := page(ttd, behind=behind, limit=2):
        assert len(entries) <= 2
        seen += shipments(entries)
        behind = entries[-1].sequence_number
    assert seen == ids(orders)


def test_and_back_from_the_newest(ttd: Creator) -> None:
    orders = ended(ttd, 5)
    seen: list[UUID] = []
    behind = 0
    while entries := page(ttd, behind=behind, limit=2, direction=Direction.DESCENDING):
        seen += shipments(entries)
        behind = entries[-1].sequence_number
    assert seen == ids(orders[::-1])


def test_nobody_sees_entries_of_others_whose_numbers_are_places_all_the_same(
    ttd: Creator, skd: Creator
) -> None:
    (first,), (others,), (last,) = ended(ttd), ended(skd), ended(ttd)
    assert shipments(page(ttd)) == [first.pk, last.pk]
    (entry,) = page(skd)
    assert entry.shipment_id == others.pk
    assert shipments(page(ttd, behind=entry.sequence_number)) == [last.pk]


@pytest.mark.parametrize("direction", Direction)
def test_the_largest_number_of_all_is_a_place(ttd: Creator, direction: Direction) -> None:
    (placed,) = ended(ttd)
    found = page(ttd, behind=status_feed.LAST_NUMBER, direction=direction)
    assert shipments(found) == ([placed.pk] if direction is Direction.DESCENDING else [])


def test_a_page_of_large_entries_is_shorter_but_never_empty(
    ttd: Creator, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = ended(ttd, 3)
    monkeypatch.setattr(status_feed, "MAX_BYTES", 1)
    seen: list[UUID] = []
    behind = 0
    while entries := page(ttd, behind=behind):
        assert len(entries) == 1
        seen += shipments(entries)
        behind = entries[-1].sequence_number
    assert seen == ids(orders)


def test_what_is_purged_has_no_destination(ttd: Creator) -> None:
    ended(ttd)
    StatusFeedEntry.objects.update(
        recipients=[{"channel": "Sms", "status": "Delivered", "lastUpdate": NOON.isoformat()}]
    )
    ((outcome,),) = [list(entry.outcomes()) for entry in page(ttd)]
    assert outcome == Outcome("Sms", None, "Delivered", NOON)


def test_an_entry_of_the_version_before_asks_its_order(ttd: Creator) -> None:
    ended(ttd, senders_reference="ref-1")
    StatusFeedEntry.objects.update(type="", senders_reference=None)
    (entry,) = page(ttd)
    assert (entry.type, entry.senders_reference) == ("Notification", "ref-1")


def test_a_page_costs_one_query(
    ttd: Creator, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ended(ttd, 3)
    with django_assert_num_queries(1):
        assert len([list(entry.outcomes()) for entry in page(ttd)]) == 3


def buffers_of(work: Callable[[], object]) -> int:
    """Those of all statements of the work, each at its second time."""
    counted = 0

    def look(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal counted
        if is_explained(sql):
            plan_of(sql, params)
            counted += buffers(plan_of(sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        work()
    return counted


def copy_entries(*, up_to: int) -> None:
    """So many entries, of two service owners in turns: each order ends again and again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO notifications_statusfeedentry"
            " (creator_id, order_id, type, round, status, recipients, created)"
            " SELECT f.creator_id, f.order_id, f.type, made.round, f.status, f.recipients,"
            "  f.created + made.round * %s::interval"
            " FROM generate_series("
            "  (SELECT max(round) + 1 FROM notifications_statusfeedentry)::int, %s) made (round)"
            " CROSS JOIN (SELECT * FROM notifications_statusfeedentry WHERE round = 1) f"
            " ORDER BY made.round, f.sequence_number",
            ["1 second", up_to // (2 * ORDERS_OF_EACH)],
        )
        cursor.execute("ANALYZE notifications_statusfeedentry")


def test_a_page_of_500_costs_the_same_however_many_entries_there_are(
    ttd: Creator, skd: Creator
) -> None:
    for creator in (ttd, skd):
        ended(creator, ORDERS_OF_EACH)
    copy_entries(up_to=FEW)
    middle = page(ttd, behind=page(ttd)[-1].sequence_number)[-1].sequence_number

    def costs() -> list[int]:
        wanted = [{"behind": middle, "direction": direction} for direction in Direction]
        assert [len(page(ttd, **each)) for each in wanted] == [500, 500]
        return [buffers_of(partial(page, ttd, **each)) for each in wanted]

    few = costs()
    copy_entries(up_to=MANY)
    assert StatusFeedEntry.objects.count() == MANY
    assert all(now <= 1.15 * then for now, then in zip(costs(), few, strict=True))


def test_a_page_of_a_small_owner_reads_no_entries_of_a_large_one(
    ttd: Creator, skd: Creator
) -> None:
    """Whose entries the statistics have not heard of yet."""
    ended(ttd, 2 * ORDERS_OF_EACH)
    copy_entries(up_to=FEW)
    (first,), (last,) = ended(skd), ended(skd)
    for direction, found in zip(Direction, ([first, last], [last, first]), strict=True):
        assert shipments(page(skd, direction=direction)) == ids(found)
        assert most_rows_read(partial(page, skd, direction=direction)) <= len(found)
