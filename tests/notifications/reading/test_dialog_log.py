"""What was sent about a dialog: of which orders, in which order, and at what cost."""

from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from bench.plans import most_rows_read
from notifications.models import NotificationStatus
from notifications.reading import dialog_log
from notifications.reading.dialog_log import LogEntry, as_written
from orders.models import Creator, Order, OrderChain
from tests.building import NOON, notification, processed_order
from tests.dispatch.waiting import copies_of

S = NotificationStatus
DIALOG = "0198f1d2-77aa-7c3e-9d21-5b1f60a9c001"
TRANSMISSION = "0198f1d2-77aa-7c3e-9d21-5b1f60a9c002"
MANY = 20_000

pytestmark = pytest.mark.django_db


def about(
    creator: Creator,
    *statuses: NotificationStatus,
    dialog_id: str | None = DIALOG,
    transmission_id: str | None = None,
) -> Order:
    """An order that leads a chain about the dialog, with a notification in each of the statuses."""
    chain = OrderChain.objects.create(
        creator=creator,
        kind=OrderChain.Kind.CHAIN,
        idempotency_id=f"{OrderChain.objects.count()}",
        dialog_id=dialog_id,
        transmission_id=transmission_id,
        created=NOON,
    )
    return processed_order(creator, *statuses, chain=chain, chain_position=0)


def test_an_entry_tells_of_one_notification_that_has_ended(ttd: Creator) -> None:
    placed = about(ttd, S.DELIVERED, transmission_id=TRANSMISSION)
    sent = placed.notification_set.get()
    assert dialog_log.entries(dialog_ids=[DIALOG]) == [
        LogEntry(
            notification_id=sent.pk,
            dialog_id=DIALOG,
            transmission_id=TRANSMISSION,
            type="Notification",
            channel="Sms",
            destination="+4799999999",
            status="Delivered",
            requested_send_time=placed.requested_send_time,
            at=NOON,
            purged_at=None,
        )
    ]


def test_what_is_under_way_is_not_in_it_and_what_failed_is(ttd: Creator) -> None:
    about(ttd, S.NEW, S.SENDING, S.ACCEPTED, S.FAILED_UNDELIVERED, S.DELIVERED)
    found = {entry.status for entry in dialog_log.entries(dialog_ids=[DIALOG])}
    assert found == {"Failed_Undelivered", "Delivered"}


def test_it_is_of_all_service_owners_unless_one_is_given(ttd: Creator, skd: Creator) -> None:
    about(ttd, S.DELIVERED)
    about(skd, S.DELIVERED)
    assert len(dialog_log.entries(dialog_ids=[DIALOG])) == 2
    assert len(dialog_log.entries(dialog_ids=[DIALOG], creator=skd)) == 1


def test_dialog_and_transmission_narrow_it_down_together_or_alone(ttd: Creator) -> None:
    about(ttd, S.DELIVERED)
    both = about(ttd, S.DELIVERED, transmission_id=TRANSMISSION)
    other = about(ttd, S.DELIVERED, dialog_id="another", transmission_id=TRANSMISSION)
    about(ttd, S.DELIVERED, dialog_id=None)
    processed_order(ttd, S.DELIVERED)

    def orders(**wanted: Any) -> set[UUID]:
        ids = [entry.notification_id for entry in dialog_log.entries(**wanted)]
        return set(Order.objects.filter(notification__in=ids).values_list("pk", flat=True))

    assert len(orders(dialog_ids=[DIALOG])) == 2
    assert orders(transmission_ids=[TRANSMISSION]) == {both.pk, other.pk}
    assert orders(dialog_ids=[DIALOG], transmission_ids=[TRANSMISSION]) == {both.pk}
    assert orders() == set()


def test_the_newest_come_first_and_the_oldest_are_left_out(
    ttd: Creator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialog_log, "MAX_ENTRIES", 3)
    made = [about(ttd, S.DELIVERED, S.DELIVERED) for _ in range(2)]
    newest = [n.pk for placed in made[::-1] for n in placed.notification_set.order_by("-id")]
    assert [e.notification_id for e in dialog_log.entries(dialog_ids=[DIALOG])] == newest[:3]


@pytest.mark.parametrize("written", as_written(UUID(DIALOG)))
def test_a_dialog_is_found_however_its_id_was_written(ttd: Creator, written: str) -> None:
    about(ttd, S.DELIVERED, dialog_id=written)
    (entry,) = dialog_log.entries(dialog_ids=as_written(UUID(DIALOG)))
    assert entry.dialog_id == written


def test_it_costs_one_query(
    ttd: Creator, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    about(ttd, S.DELIVERED)
    with django_assert_num_queries(1):
        assert len(dialog_log.entries(dialog_ids=[DIALOG])) == 1


@pytest.mark.parametrize("by", ["dialog_ids", "transmission_ids"])
def test_it_reads_no_notifications_of_others(ttd: Creator, by: str) -> None:
    large = processed_order(ttd)
    copies_of(notification(large, S.DELIVERED), MANY)
    for number in range(200):
        about(ttd, dialog_id=f"dialog {number}", transmission_id=f"transmission {number}")
    about(ttd, S.DELIVERED, transmission_id=TRANSMISSION)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    wanted: dict[str, Any] = {by: [DIALOG if by == "dialog_ids" else TRANSMISSION]}
    assert len(dialog_log.entries(**wanted)) == 1
    # Of the small table of chains a whole page.
    assert most_rows_read(lambda: dialog_log.entries(**wanted)) < MANY / 20
