"""Claims take what may leave now, fairly, once, and at a cost that the backlog does not raise."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from bench.plans import buffers, nodes, plan_of
from dispatch.sending import claims
from dispatch.sending.claims import Claimed, Return
from notifications.control import hold
from notifications.models import SMS_STATUSES, NotificationChannel, NotificationStatus
from orders.models import Channel, Creator, Order, SendingTimePolicy
from runtime.local_time import LOCAL_TIME
from tests.building import NOON, notification, processed_order
from tests.dispatch.waiting import copies_of, messages_of

SECOND = timedelta(seconds=1)
SMS = NotificationChannel.SMS


@pytest.fixture
def order(ttd: Creator) -> Order:
    return processed_order(ttd)


def creators(count: int) -> list[Creator]:
    return [Creator.objects.create(short_name=f"creator-{n}") for n in range(count)]


def ids(claimed: Sequence[Claimed]) -> set[UUID]:
    return {one.message.notification_id for one in claimed}


def at(hour: int, minute: int = 0, second: int = 0, microsecond: int = 0) -> datetime:
    return NOON.astimezone(LOCAL_TIME).replace(
        hour=hour, minute=minute, second=second, microsecond=microsecond
    )


def test_a_ready_message_is_claimed_with_all_that_its_transport_needs(order: Order) -> None:
    row = notification(order, address="+47 990 00 000", normalized_address="+4799000000")
    (claimed,) = claims.claim(SMS, limit=10, now=NOON)
    message = claimed.message
    assert (message.notification_id, message.creator_name) == (row.pk, "ttd")
    assert (message.address, message.normalized_address) == ("+47 990 00 000", "+4799000000")
    assert (message.sender, message.subject, message.body) == ("Altinn", "", order.sms_body)
    assert message.expires_at == row.expires_at
    row.refresh_from_db()
    assert row.status == NotificationStatus.SENDING
    assert (row.lease_token, row.lease_until) == (claimed.lease_token, NOON + claims.LEASE)


def test_a_message_of_its_own_goes_before_the_text_of_the_order(ttd: Creator) -> None:
    order = processed_order(
        ttd, channel=Channel.EMAIL, email_content_type="Html", email_sender="a@ttd.no"
    )
    notification(order, subject="To Kari", body="Hello Kari")
    (claimed,) = claims.claim(NotificationChannel.EMAIL, limit=10, now=NOON)
    message = claimed.message
    assert (message.subject, message.body) == ("To Kari", "Hello Kari")
    assert (message.sender, message.content_type) == ("a@ttd.no", "Html")


def test_an_order_that_names_no_sender_leaves_it_to_the_transport(ttd: Creator) -> None:
    notification(processed_order(ttd, sms_sender=None))
    notification(processed_order(ttd, channel=Channel.EMAIL, email_sender=None))
    for channel in NotificationChannel:
        (claimed,) = claims.claim(channel, limit=10, now=NOON)
        assert claimed.message.sender == ""


def test_only_due_unexpired_new_messages_of_the_channel_are_claimed(order: Order) -> None:
    ready = notification(order)
    notification(order, next_attempt_at=NOON + SECOND)
    notification(order, expires_at=NOON)
    notification(order, channel=NotificationChannel.EMAIL)
    for status in SMS_STATUSES:
        if status != NotificationStatus.NEW:
            notification(order, status)
    assert ids(claims.claim(SMS, limit=100, now=NOON)) == {ready.pk}


@pytest.mark.parametrize(
    ("moment", "leaves"),
    [
        (at(8, 59, 59, 999_999), False),
        (at(9), True),
        (at(16, 59, 59), True),
        (at(16, 59, 59, 900_000), False),
        (at(17), False),
        (at(3), False),
    ],
    ids=str,
)
def test_daytime_messages_are_claimed_between_nine_and_five_only(
    order: Order, moment: datetime, leaves: bool
) -> None:
    by_day = notification(order, now=at(0))
    any_time = notification(order, now=at(0), policy=SendingTimePolicy.ANYTIME)
    expected = {by_day.pk, any_time.pk} if leaves else {any_time.pk}
    assert ids(claims.claim(SMS, limit=100, now=moment)) == expected


@pytest.mark.parametrize(("hour", "leaves"), [(3, False), (12, True)])
def test_an_email_may_wait_for_the_day_as_well(order: Order, hour: int, leaves: bool) -> None:
    email = notification(
        order, now=at(0), channel=NotificationChannel.EMAIL, policy=SendingTimePolicy.DAYTIME
    )
    claimed = ids(claims.claim(NotificationChannel.EMAIL, limit=10, now=at(hour)))
    assert claimed == ({email.pk} if leaves else set())


def test_the_longest_waiting_of_a_creator_go_first(order: Order) -> None:
    rows = [notification(order, next_attempt_at=NOON - n * SECOND) for n in range(5)]
    assert ids(claims.claim(SMS, limit=2, now=NOON)) == {rows[4].pk, rows[3].pk}


def test_a_single_message_of_another_creator_is_in_the_first_claim(order: Order) -> None:
    copies_of(notification(order, now=NOON - SECOND), 4_999)
    singles = {notification(processed_order(other)).pk for other in creators(10)}
    claimed = claims.claim(SMS, limit=100, now=NOON)
    assert singles < ids(claimed)
    assert len(claimed) <= 100


def test_creators_whose_messages_all_wait_for_another_try_take_no_share(order: Order) -> None:
    messages_of(order, 200, now=NOON)
    for other in creators(50):
        notification(processed_order(other), next_attempt_at=NOON + SECOND)
    assert len(claims.claim(SMS, limit=100, now=NOON)) == 100


def test_with_more_creators_than_places_all_get_their_turn_by_chance(db: None) -> None:
    for creator in creators(20):
        copies_of(notification(processed_order(creator)), 60)
    turns = {
        one.message.creator_name
        for _ in range(60)  # one creator is never among the ten with a chance of 2 ** -60
        for one in claims.claim(SMS, limit=10, now=NOON)
    }
    assert len(turns) == 20


@pytest.mark.django_db(transaction=True)
def test_no_message_is_claimed_by_two_claimers() -> None:
    (creator,) = creators(1)
    copies_of(notification(processed_order(creator)), 999)

    def claim_all(_number: int) -> list[UUID]:
        try:
            found: list[UUID] = []
            while claimed := claims.claim(SMS, limit=37, now=NOON):
                found.extend(ids(claimed))
            return found
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        found = [pk for one in pool.map(claim_all, range(4)) for pk in one]
    assert len(found) == len(set(found)) == 1_000


def test_the_cost_of_a_claim_does_not_grow_with_the_backlog(order: Order) -> None:
    forget_sizes()
    copies_of(notification(order, NotificationStatus.DELIVERED), 20_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE notifications_notification")  # while the queue is empty
    row = notification(order)
    copies_of(row, 999)
    small = explained(lambda: claims.claim(SMS, limit=100, now=NOON))
    copies_of(row, 49_000)
    large = explained(lambda: claims.claim(SMS, limit=100, now=NOON))
    for plan in (small, large):
        assert "Seq Scan" not in {node["Node Type"] for node in nodes(plan)}
        assert {node["Index Name"] for node in nodes(plan) if "Index Name" in node} == {
            "notification_ready",
            "notifications_notification_pkey",
            "orders_order_pkey",
            "orders_creator_pkey",
        }
    assert buffers(large) < 1.5 * buffers(small)


def test_a_claim_looks_up_only_what_it_takes_when_nothing_is_known_of_the_tables(
    ttd: Creator,
) -> None:
    """A new installation's first large orders, before the first ANALYZE."""
    forget_sizes()
    for _ in range(100):
        copies_of(notification(processed_order(ttd)), 99)
    plan = explained(lambda: claims.claim(SMS, limit=50, now=NOON))
    assert plan["Actual Rows"] == 50
    assert max(node["Actual Rows"] * node["Actual Loops"] for node in nodes(plan)) <= 2 * 50


def test_a_claim_reads_no_more_rows_for_what_is_held(order: Order) -> None:
    """The longest waiting of the same creator. Pages are not counted here: the index keeps what was
    just marked until its next vacuum."""
    copies_of(notification(order), 999)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE notifications_notification")
    without = explained(lambda: claims.claim(SMS, limit=100, now=NOON))
    held = processed_order(order.creator)
    copies_of(notification(held, next_attempt_at=NOON - SECOND), 20_000)
    hold.hold([held.pk], now=NOON)
    behind = explained(lambda: claims.claim(SMS, limit=100, now=NOON))
    assert behind["Actual Rows"] == without["Actual Rows"] == 100
    assert ready_rows_read(behind) == ready_rows_read(without) > 100


def ready_rows_read(plan: dict[str, Any]) -> int:
    scans = [node for node in nodes(plan) if node.get("Index Name") == "notification_ready"]
    return sum(node["Actual Rows"] * node["Actual Loops"] for node in scans)


@pytest.mark.parametrize("column", ["held_at", "stopped_at"])
def test_nothing_of_a_held_or_stopped_order_is_claimed(order: Order, column: str) -> None:
    """Even before its messages are marked or ended."""
    notification(order)
    ready = notification(processed_order(order.creator))
    Order.objects.filter(pk=order.pk).update(**{column: NOON})
    assert ids(claims.claim(SMS, limit=10, now=NOON)) == {ready.pk}


def forget_sizes() -> None:
    """What autovacuum may have noted of tables that were nearly empty after some earlier test: of
    one page all is read, whatever index there is."""
    tables = ["notifications_notification", "orders_order", "orders_creator"]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pg_class SET relpages = 0, reltuples = -1 WHERE relname = ANY(%s)", [tables]
        )


def explained(statement: Callable[[], object]) -> dict[str, Any]:
    """The plan of the one statement, as it really went; nothing of it stays."""
    caught: list[tuple[str, Any]] = []

    def catch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        caught.append((sql, params))
        return execute(sql, params, many, context)

    with transaction.atomic():
        with connection.execute_wrapper(catch):
            statement()
        transaction.set_rollback(True)
    ((sql, params),) = caught
    return plan_of(sql, params)


def returned(claimed: Claimed, *, token: UUID | None = None, counts: bool = True) -> Return:
    return Return(
        claimed.message.notification_id,
        token or claimed.lease_token,
        next_attempt_at=NOON + 30 * SECOND,
        counts=counts,
    )


@pytest.mark.parametrize("counts", [True, False])
def test_an_unsent_message_goes_back_to_the_queue(order: Order, counts: bool) -> None:
    row = notification(order, reason="No name was found.")
    (claimed,) = claims.claim(SMS, limit=1, now=NOON)
    assert claims.give_back([returned(claimed, counts=counts)], now=NOON + SECOND) == {row.pk}
    row.refresh_from_db()
    assert row.status == NotificationStatus.NEW
    assert (row.lease_token, row.lease_until) == (None, None)
    assert row.next_attempt_at == NOON + 30 * SECOND
    assert row.attempts == int(counts)
    assert row.reason == "No name was found."


def test_only_the_holder_of_the_lease_can_give_a_message_back(order: Order) -> None:
    row = notification(order)
    (claimed,) = claims.claim(SMS, limit=1, now=NOON)
    assert claims.give_back([returned(claimed, token=uuid4())], now=NOON) == set()
    row.refresh_from_db()
    assert (row.status, row.lease_token) == (NotificationStatus.SENDING, claimed.lease_token)


def test_a_reference_that_is_known_stays_for_the_delivery_report(order: Order) -> None:
    row = notification(order)
    (claimed,) = claims.claim(SMS, limit=1, now=NOON)
    token = claimed.lease_token
    known = Return(row.pk, token, next_attempt_at=NOON, counts=True, reference="A-1")
    claims.give_back([known], now=NOON)
    (again,) = claims.claim(SMS, limit=1, now=NOON)
    claims.give_back([returned(again)], now=NOON)
    row.refresh_from_db()
    assert row.gateway_reference == "A-1"
