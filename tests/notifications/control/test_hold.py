"""What staff hold does not leave, whoever is at work on it; what they release does."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from dispatch.sending import claims
from dispatch.sending.claims import Return
from dispatch.upkeep.sweep import sweep
from notifications.conditions import client
from notifications.control.hold import (
    _UNENDED,
    hold,
    put_right,
    release,
    unended_orders_of,
)
from notifications.expansion import batches, expand
from notifications.expansion.claims import claim_for_condition, claim_for_expansion, lock_own
from notifications.expansion.expand import process_past_due_orders
from notifications.models import Notification, NotificationChannel, NotificationStatus
from orders.cancelling import cancel
from orders.models import Channel, Creator, Order, OrderStatus
from script.launcher.system.simulators import Simulators
from tests.building import NOON, ids, mobiles, notification, order, processed_order
from tests.dispatch.waiting import copies_of, messages_of
from tests.notifications.conftest import Worker, check_send_conditions

pytestmark = pytest.mark.django_db(transaction=True)

S = NotificationStatus
SMS = NotificationChannel.SMS
ENDPOINT = "https://ttd.example/condition"
HOUR = timedelta(hours=1)
ENDED = [OrderStatus.COMPLETED, OrderStatus.SEND_CONDITION_NOT_MET, OrderStatus.CANCELLED]


def claimed(*, limit: int = 100) -> set[Any]:
    return {one.message.notification_id for one in claims.claim(SMS, limit=limit, now=NOON)}


def marked() -> int:
    return Notification.objects.filter(is_held=True).count()


def hold_and_die(order: Order) -> None:
    """The first step of a hold, and nothing more."""
    Order.objects.filter(pk=order.pk).update(held_at=NOON)


def test_no_notification_of_a_held_order_is_claimed(ttd: Creator) -> None:
    held, other = processed_order(ttd, S.NEW), processed_order(ttd)
    ready = notification(other)
    assert hold([held.pk], now=NOON) == 1
    assert claimed() == {ready.pk}
    held.refresh_from_db()
    assert held.held_at == NOON


def test_a_hold_whose_process_died_half_way_lets_nothing_leave_and_is_finished_by_the_sweep(
    ttd: Creator,
) -> None:
    held = processed_order(ttd, S.NEW, S.SENDING)
    hold_and_die(held)
    assert claimed() == set()
    assert sweep(now=NOON).marked == 2
    assert marked() == 2
    assert sweep(now=NOON).marked == 0


def test_no_held_order_is_expanded_or_asked_for_its_condition(ttd: Creator) -> None:
    plain, conditional = order(ttd), order(ttd, condition_endpoint=ENDPOINT)
    assert hold([plain.pk, conditional.pk], now=NOON) == 2
    assert claim_for_expansion(now=NOON, limit=10).orders == []
    assert claim_for_condition(now=NOON, limit=10).orders == []
    assert release([plain.pk, conditional.pk], now=NOON) == 2
    assert ids(claim_for_expansion(now=NOON, limit=10).orders) == [plain.pk]
    assert ids(claim_for_condition(now=NOON, limit=10).orders) == [conditional.pk]


@pytest.mark.parametrize("status", ENDED)
def test_an_order_that_has_ended_is_not_held(ttd: Creator, status: OrderStatus) -> None:
    ended = order(ttd, status=status)
    assert hold([ended.pk], now=NOON) == 0
    ended.refresh_from_db()
    assert ended.held_at is None


def test_holding_and_releasing_again_change_nothing(ttd: Creator) -> None:
    held = processed_order(ttd, S.NEW)
    hold([held.pk], now=NOON)
    assert hold([held.pk], now=NOON + HOUR) == 0
    held.refresh_from_db()
    assert (held.held_at, marked()) == (NOON, 1)
    assert release([held.pk], now=NOON) == 1
    assert release([held.pk], now=NOON) == 0
    assert marked() == 0


def test_what_is_released_leaves_at_once_and_what_expired_meanwhile_ends_as_usual(
    ttd: Creator,
) -> None:
    held = processed_order(ttd)
    ready, late = notification(held), notification(held, expires_at=NOON - HOUR)
    hold([held.pk], now=NOON - HOUR)
    release([held.pk], now=NOON)
    assert claimed() == {ready.pk}
    sweep(now=NOON)
    late.refresh_from_db()
    assert late.status == S.FAILED_TTL


def test_an_order_is_released_before_its_time_too_and_then_waits_for_it(ttd: Creator) -> None:
    early = order(ttd, requested_send_time=NOON + HOUR)
    hold([early.pk], now=NOON)
    release([early.pk], now=NOON)
    assert process_past_due_orders(now=NOON) == 0


def test_an_order_is_not_given_up_for_the_time_it_was_held(
    ttd: Creator, simulators: Simulators
) -> None:
    failing = order(ttd, status="Processing", attempts=9, next_attempt_at=NOON + HOUR)
    hold([failing.pk], now=NOON)
    later = NOON + timedelta(days=5)
    release([failing.pk], now=later)
    assert process_past_due_orders(now=later) == 1
    assert Notification.objects.get().status == S.NEW


def test_a_notification_that_comes_back_from_sending_stays_held(ttd: Creator) -> None:
    held = processed_order(ttd, S.NEW)
    (sending,) = claims.claim(SMS, limit=1, now=NOON)
    hold([held.pk], now=NOON)
    pk, token = sending.message.notification_id, sending.lease_token
    claims.give_back([Return(pk, token, next_attempt_at=NOON, counts=True)], now=NOON)
    assert claimed() == set()
    release([held.pk], now=NOON)
    assert claimed() == {pk}


def test_a_batch_that_is_written_after_the_hold_is_not(
    ttd: Creator, simulators: Simulators
) -> None:
    held = order(ttd, Channel.SMS, mobiles(2))
    claim = claim_for_expansion(now=NOON, limit=1)
    taken = batches.read(claim.orders)
    hold([held.pk], now=NOON)
    expand.expand(taken, token=claim.token, now=NOON)
    assert Notification.objects.count() == 0
    release([held.pk], now=NOON)
    process_past_due_orders(now=NOON)
    assert len(claimed()) == 2


def test_a_hold_waits_for_the_batch_being_written_and_then_marks_it(
    ttd: Creator, simulators: Simulators
) -> None:
    held = order(ttd, Channel.SMS, mobiles(2))
    claim = claim_for_expansion(now=NOON, limit=1)
    taken = batches.read(claim.orders)
    with transaction.atomic():
        assert lock_own(claim.token, [held.pk])
        worker = Worker(lambda: hold([held.pk], now=NOON))
        worker.wait_until_blocked_or_done()
        assert worker.is_alive()
        expand.expand(taken, token=claim.token, now=NOON)
    assert worker.result() == 1
    assert (Notification.objects.count(), marked()) == (2, 2)
    assert claimed() == set()


def test_an_answer_that_comes_after_the_hold_is_asked_for_again(
    ttd: Creator, simulators: Simulators, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = f"{simulators.url}/condition/false"
    held = order(ttd, Channel.SMS, mobiles(1), condition_endpoint=endpoint)
    ask = client.ask

    def ask_and_hold(endpoints: Any, **how: Any) -> None:
        ask(endpoints, **how)
        hold([held.pk], now=NOON)

    with monkeypatch.context() as patch:
        patch.setattr(client, "ask", ask_and_hold)
        check_send_conditions(now=NOON)
    held.refresh_from_db()
    assert (held.status, held.awaits_condition) == (OrderStatus.PROCESSING, True)
    release([held.pk], now=NOON)
    check_send_conditions(now=NOON)
    held.refresh_from_db()
    assert held.status == OrderStatus.SEND_CONDITION_NOT_MET


def test_when_a_hold_returns_nothing_more_can_be_claimed_by_a_claim_that_began_before(
    ttd: Creator,
) -> None:
    held = processed_order(ttd, S.NEW, S.NEW)
    with transaction.atomic():
        (in_hand,) = claims.claim(SMS, limit=1, now=NOON)
        worker = Worker(lambda: hold([held.pk], now=NOON))
        worker.wait_until_blocked_or_done()
        assert worker.is_alive(), "it waits to know what is in hand"
    worker.result()
    in_hand_now = Notification.objects.get(status=S.SENDING)
    assert in_hand_now.pk == in_hand.message.notification_id
    assert marked() == 2
    assert claimed() == set()


def test_whatever_races_nothing_held_leaves_and_nothing_released_stays_behind(
    ttd: Creator,
) -> None:
    held = processed_order(ttd)
    messages_of(held, 300, now=NOON)

    def sweep() -> None:
        for _ in range(20):
            put_right()

    def hold_and_release() -> None:
        for _ in range(10):
            hold([held.pk], now=NOON)
            release([held.pk], now=NOON)

    def claim_some() -> None:
        for _ in range(20):
            for one in claims.claim(SMS, limit=20, now=NOON):
                pk, token = one.message.notification_id, one.lease_token
                claims.give_back([Return(pk, token, next_attempt_at=NOON, counts=False)], now=NOON)

    for worker in [Worker(job) for job in (sweep, hold_and_release, hold_and_release, claim_some)]:
        worker.result()
    hold([held.pk], now=NOON)
    assert claimed() == set()
    release([held.pk], now=NOON)
    assert marked() == 0
    assert len(claimed(limit=1_000)) == 300


def test_no_mark_is_set_once_the_order_is_released(ttd: Creator) -> None:
    """A hold that is still marking when somebody releases."""
    held = processed_order(ttd, S.NEW)
    hold_and_die(held)
    with transaction.atomic():
        Order.objects.select_for_update(no_key=True).get(pk=held.pk)
        worker = Worker(put_right)
        worker.wait_until_blocked_or_done()
        Order.objects.filter(pk=held.pk).update(held_at=None)
    assert worker.result() == 0
    assert marked() == 0


def test_an_order_is_not_let_go_while_a_notification_of_it_is_marked(ttd: Creator) -> None:
    """A sweep, which holds the order's lock, marks it again just after the release unmarked it."""
    held = processed_order(ttd, S.NEW)
    hold([held.pk], now=NOON)
    with transaction.atomic():
        Order.objects.select_for_update(no_key=True).get(pk=held.pk)
        worker = Worker(lambda: release([held.pk], now=NOON))
        worker.wait_until_blocked_or_done()
        assert marked() == 0
        Notification.objects.filter(order=held).update(is_held=True)
    assert worker.result() == 1
    assert (marked(), len(claimed())) == (0, 1)


def test_a_held_order_whose_notifications_have_all_expired_completes_and_is_no_longer_held(
    ttd: Creator,
) -> None:
    held = processed_order(ttd)
    notification(held, expires_at=NOON)
    hold([held.pk], now=NOON)
    sweep(now=NOON + HOUR)
    held.refresh_from_db()
    assert (held.status, held.held_at) == (OrderStatus.COMPLETED, None)


def test_the_service_owner_may_cancel_a_held_order(ttd: Creator) -> None:
    held = order(ttd, requested_send_time=NOON + HOUR)
    hold([held.pk], now=NOON)
    cancel(creator=ttd, order_id=held.pk, now=NOON)
    held.refresh_from_db()
    assert (held.status, held.held_at) == (OrderStatus.CANCELLED, None)


def test_more_than_a_batch_of_orders_and_notifications_is_held_and_released(
    ttd: Creator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifications.control.hold.MAX_ORDERS", 2)
    monkeypatch.setattr("notifications.control.hold.MAX_ROWS", 3)
    orders = [processed_order(ttd, *[S.NEW] * 4) for _ in range(5)]
    assert hold(ids(orders), now=NOON) == 5
    assert marked() == 20
    assert release(ids(orders), now=NOON) == 5
    assert marked() == 0


def test_a_hold_refuses_to_be_part_of_a_larger_transaction(ttd: Creator) -> None:
    """Its commit would come late, and its locks in the wrong order."""
    with transaction.atomic(), pytest.raises(RuntimeError):
        hold([processed_order(ttd, S.NEW).pk], now=NOON)


def test_all_that_a_creator_has_not_ended_is_found(ttd: Creator, skd: Creator) -> None:
    unended = [
        order(ttd, requested_send_time=NOON + HOUR),
        order(ttd, condition_endpoint=ENDPOINT),
        order(ttd, status="Processing"),
        processed_order(ttd, S.NEW),
        order(ttd, held_at=NOON),
        order(ttd, held_at=NOON, condition_endpoint=ENDPOINT),
        processed_order(ttd, S.NEW, held_at=NOON),
    ]
    for status in ENDED:
        order(ttd, status=status)
    order(skd)
    assert sorted(unended_orders_of(ttd)) == sorted(ids(unended))


def test_what_has_not_ended_is_found_without_reading_what_has(ttd: Creator) -> None:
    columns = [field.column for field in Order._meta.concrete_fields if field.column != "id"]
    names = ", ".join(str(column) for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO orders_order (id, {names}) SELECT gen_random_uuid(), {names}"  # noqa: S608
            " FROM orders_order CROSS JOIN generate_series(1, 5000) WHERE id = %s",
            [order(ttd, status=OrderStatus.COMPLETED).pk],
        )
        cursor.execute("ANALYZE orders_order")
        cursor.execute(f"EXPLAIN {_UNENDED}", {"creator": ttd.pk})
        plan = "\n".join(row[0] for row in cursor.fetchall())
    for index in ("order_past_due", "order_awaits_condition", "order_held", "order_processed"):
        assert f" {index} " in plan
    assert "order_of_creator" not in plan
    assert "Seq Scan" not in plan


def test_what_is_held_is_not_in_the_way_of_the_same_creators_other_notifications(
    ttd: Creator,
) -> None:
    """The claim does not get slower, either (see test_claims)."""
    large, other = processed_order(ttd), processed_order(ttd)
    copies_of(notification(large, next_attempt_at=NOON - HOUR), 1_000)
    hold([large.pk], now=NOON)
    copies_of(notification(other), 99)
    assert len(claimed(limit=100)) == 100
