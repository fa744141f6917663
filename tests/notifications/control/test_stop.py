"""What staff stop ends for good and says why; what had left by then is counted."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from dispatch.gateways.base import Outcome
from dispatch.gateways.by_channel import ways_out
from dispatch.sending import claims
from dispatch.sending.claims import Claimed
from dispatch.sending.recording import Recorder, Sent
from dispatch.upkeep.sweep import sweep
from notifications.control.hold import hold
from notifications.control.stop import Tally, stop, tally
from notifications.expansion import batches, expand
from notifications.expansion.claims import back_off, claim_for_condition, claim_for_expansion
from notifications.expansion.expand import process_past_due_orders
from notifications.models import (
    Notification,
    NotificationChannel,
    NotificationStatus,
    StatusFeedEntry,
)
from orders.models import Channel, Creator, Order, OrderStatus
from script.launcher.system.simulators import Simulators
from tests.building import NOON, ids, mobiles, notification, order, processed_order
from tests.dispatch.waiting import messages_of
from tests.notifications.conftest import Worker

pytestmark = pytest.mark.django_db(transaction=True)

S = NotificationStatus
SMS = NotificationChannel.SMS
MINUTE = timedelta(minutes=1)
ENDED = [OrderStatus.COMPLETED, OrderStatus.SEND_CONDITION_NOT_MET, OrderStatus.CANCELLED]
WHY = "The amount is wrong."
REASON = f"Stopped by staff before it was sent: {WHY}"


class Died(Exception):
    """The process ended here."""


def die(*args: object, **kwargs: object) -> None:
    raise Died


def stopped(*orders: Order) -> int:
    return stop(ids(orders), reason=WHY, now=NOON)


def stop_half(wrong: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process dies when it is to record what has not left."""
    with monkeypatch.context() as patch:
        patch.setattr("notifications.results.record.record", die)
        with pytest.raises(Died):
            stopped(wrong)


def outcomes(of: Order) -> list[tuple[str, str]]:
    rows = Notification.objects.filter(order=of).order_by("id")
    return list(rows.values_list("status", "reason"))


def is_complete(of: Order) -> bool:
    """With exactly one entry in the feed if it is, and none if it has not ended."""
    status = Order.objects.get(pk=of.pk).status
    completed = status == OrderStatus.COMPLETED
    has_ended = completed or status == OrderStatus.CANCELLED
    assert StatusFeedEntry.objects.filter(order=of).count() == int(has_ended)
    return completed


def record(claimed: Sequence[Claimed], outcome: Outcome | None = None) -> None:
    """As the sender does; without an outcome the messages were not sent after all."""
    recorder = Recorder(ways_out(NotificationChannel.SMS))
    recorder.record([Sent(one, outcome) for one in claimed], now=NOON)


@pytest.mark.parametrize("minutes", [60, 4, 0, -1])
def test_an_order_that_nobody_has_begun_with_is_cancelled(ttd: Creator, minutes: float) -> None:
    due = NOON + minutes * MINUTE
    orders = [
        order(ttd, requested_send_time=due, condition_endpoint=e) for e in (None, "https://x")
    ]
    assert stopped(*orders) == 2
    for one in orders:
        one.refresh_from_db()
        assert (one.status, one.status_at, one.stopped_at) == (OrderStatus.CANCELLED, NOON, NOON)
        assert one.reason == REASON
    assert process_past_due_orders(now=NOON + timedelta(days=1)) == 0
    entered = StatusFeedEntry.objects.values_list("order", "status")
    assert set(entered) == {(one.pk, OrderStatus.CANCELLED) for one in orders}


def test_the_waiting_notifications_of_an_order_fail_with_the_reason_and_complete_it(
    ttd: Creator,
) -> None:
    wrong = processed_order(ttd, S.DELIVERED, S.NEW, S.NEW)
    assert stopped(wrong) == 1
    assert outcomes(wrong) == [(S.DELIVERED, ""), (S.FAILED, REASON), (S.FAILED, REASON)]
    assert is_complete(wrong)
    entry = StatusFeedEntry.objects.get()
    assert [one["status"] for one in entry.recipients] == [S.DELIVERED, S.FAILED, S.FAILED]


def test_other_orders_go_on(ttd: Creator) -> None:
    wrong, right = processed_order(ttd, S.NEW), processed_order(ttd, S.NEW)
    stopped(wrong)
    assert outcomes(right) == [(S.NEW, "")]
    assert len(claims.claim(SMS, limit=10, now=NOON)) == 1


def test_a_held_order_can_be_stopped(ttd: Creator) -> None:
    held = [order(ttd), order(ttd, status="Processing"), processed_order(ttd, S.NEW)]
    hold(ids(held), now=NOON)
    assert stopped(*held) == 3
    process_past_due_orders(now=NOON)
    assert set(Order.objects.values_list("held_at", flat=True)) == {None}
    assert not Notification.objects.open().exists()
    assert [is_complete(one) for one in held] == [False, True, True]


def test_a_stopped_order_cannot_be_held(ttd: Creator) -> None:
    wrong = processed_order(ttd, S.SENDING)
    stopped(wrong)
    assert hold([wrong.pk], now=NOON) == 0


def test_recipients_still_to_be_expanded_fail_with_the_reason(
    ttd: Creator, simulators: Simulators
) -> None:
    wrong = order(ttd, Channel.SMS, mobiles(2_500))
    process_past_due_orders(now=NOON)
    assert stopped(wrong) == 1
    assert outcomes(wrong) == [(S.FAILED, REASON)] * 1_000
    assert not is_complete(wrong)
    for _ in range(2):
        process_past_due_orders(now=NOON)
    assert outcomes(wrong) == [(S.FAILED, REASON)] * 2_500
    assert is_complete(wrong)
    wrong.refresh_from_db()
    assert wrong.reason == REASON
    assert simulators.calls() == []


def test_an_order_whose_condition_is_being_asked_ends_without_an_answer(ttd: Creator) -> None:
    wrong = order(ttd, Channel.SMS, mobiles(2), condition_endpoint="https://ttd.example/condition")
    claim_for_condition(now=NOON, limit=1)
    stopped(wrong)
    process_past_due_orders(now=NOON)
    assert outcomes(wrong) == [(S.FAILED, REASON)] * 2
    assert is_complete(wrong)


def test_a_batch_that_is_written_after_the_stop_is_not(
    ttd: Creator, simulators: Simulators
) -> None:
    wrong = order(ttd, Channel.SMS, mobiles(2))
    claim = claim_for_expansion(now=NOON, limit=1)
    taken = batches.read(claim.orders)
    stopped(wrong)
    expand.expand(taken, token=claim.token, now=NOON)
    assert outcomes(wrong) == []
    process_past_due_orders(now=NOON)
    assert outcomes(wrong) == [(S.FAILED, REASON)] * 2


def test_a_failure_while_ending_does_not_take_the_place_of_the_reason(ttd: Creator) -> None:
    wrong = order(ttd, Channel.SMS, mobiles(1), status="Processing")
    stopped(wrong)
    claim = claim_for_expansion(now=NOON, limit=1)
    back_off(claim.token, claim.orders, reason="Some fault.", now=NOON)
    process_past_due_orders(now=NOON + MINUTE)
    assert outcomes(wrong) == [(S.FAILED, REASON)]


def test_what_is_being_sent_ends_as_it_does(ttd: Creator) -> None:
    wrong = processed_order(ttd, S.NEW)
    in_hand = claims.claim(SMS, limit=1, now=NOON)
    stopped(wrong)
    assert outcomes(wrong) == [(S.SENDING, "")]
    record(in_hand, Outcome.accepted(S.ACCEPTED, reference="A-1"))
    assert outcomes(wrong) == [(S.ACCEPTED, "")]
    assert not is_complete(wrong)


@pytest.mark.parametrize("dies", [False, True])
def test_what_comes_back_unsent_is_not_sent_again(ttd: Creator, dies: bool) -> None:
    wrong = processed_order(ttd, S.NEW)
    in_hand = claims.claim(SMS, limit=1, now=NOON)
    stopped(wrong)
    later = NOON
    if dies:
        later += claims.LEASE + MINUTE
    else:
        record(in_hand)
        assert outcomes(wrong) == [(S.NEW, "")]
        assert claims.claim(SMS, limit=1, now=NOON) == []
    assert sweep(now=later).ended == 1
    assert outcomes(wrong) == [(S.FAILED, REASON)]
    assert is_complete(wrong)
    assert sweep(now=later).ended == 0


def test_a_stop_whose_process_died_half_way_is_finished_by_the_sweep(
    ttd: Creator, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = processed_order(ttd, S.NEW)
    stop_half(wrong, monkeypatch)
    assert claims.claim(SMS, limit=1, now=NOON) == []
    assert sweep(now=NOON).ended == 1
    assert is_complete(wrong)


def test_stopping_again_finishes_a_half_stop_and_changes_nothing_else(
    ttd: Creator, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = processed_order(ttd, S.NEW)
    stop_half(wrong, monkeypatch)
    assert stop([wrong.pk], reason="Another reason.", now=NOON + MINUTE) == 0
    assert outcomes(wrong) == [(S.FAILED, REASON)]
    wrong.refresh_from_db()
    assert wrong.stopped_at == NOON


@pytest.mark.parametrize("status", ENDED)
def test_an_order_that_has_ended_is_not_stopped(ttd: Creator, status: OrderStatus) -> None:
    ended = order(ttd, status=status)
    assert stopped(ended) == 0
    ended.refresh_from_db()
    assert (ended.status, ended.stopped_at) == (status, None)


def test_a_notification_claimed_at_the_same_moment_is_left_to_its_sender(ttd: Creator) -> None:
    wrong = processed_order(ttd, S.NEW)
    with transaction.atomic():
        in_hand = claims.claim(SMS, limit=1, now=NOON)
        worker = Worker(lambda: stopped(wrong))
        worker.wait_until_blocked_or_done()
        assert worker.is_alive(), "it waits to know what is in hand"
    worker.result()
    assert outcomes(wrong) == [(S.SENDING, "")]
    record(in_hand, Outcome.accepted(S.ACCEPTED, reference="A-1"))
    assert outcomes(wrong) == [(S.ACCEPTED, "")]


def test_however_stops_recorders_and_sweeps_race_each_order_is_completed_once(
    ttd: Creator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifications.control.stop.MAX_ROWS", 7)
    orders = [processed_order(ttd) for _ in range(20)]
    for one in orders:
        messages_of(one, 15, now=NOON)
    in_hand = claims.claim(SMS, limit=150, now=NOON)
    assert len(in_hand) == 150
    refused = Outcome.failed("Refused.")

    def finish() -> None:
        for start in range(0, 150, 10):
            outcome = refused if start % 20 else None  # some come back unsent
            record(in_hand[start : start + 10], outcome)

    def stop_all() -> int:
        return stopped(*orders)

    def sweep_often() -> None:
        for _ in range(10):
            sweep(now=NOON)

    workers = [Worker(job) for job in (stop_all, finish, stop_all, sweep_often)]
    results = [worker.result() for worker in workers]
    assert results[0] + results[2] == 20, "two stops at once are one"
    sweep(now=NOON)
    assert not Notification.objects.open().exists()
    assert all(is_complete(one) for one in orders)
    ended = Notification.objects.filter(reason=REASON).count()
    assert ended == 300 - Notification.objects.filter(reason="Refused.").count()


# How many had left


def test_each_notification_is_counted_once(
    ttd: Creator, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    some = processed_order(ttd, S.NEW, S.NEW, S.SENDING, S.ACCEPTED, S.DELIVERED, S.FAILED_TTL)
    notification(some, S.FAILED_UNDELIVERED, sent_at=NOON)
    mail = processed_order(ttd, S.SUCCEEDED, channel=Channel.EMAIL)
    waiting = order(ttd, Channel.SMS, [*mobiles(3), *mobiles(1)])
    cancelled = order(ttd, Channel.SMS, mobiles(2), status=OrderStatus.CANCELLED)
    processed_order(ttd, S.NEW)
    with django_assert_num_queries(1):
        counted = tally(ids([some, mail, waiting, cancelled]))
    assert counted == Tally(not_expanded=3, waiting=2, in_hand=1, left=4, ended_unsent=3)
    assert tally([]) == Tally(0, 0, 0, 0, 0)


def test_after_a_stop_it_is_known_how_many_had_left(ttd: Creator, simulators: Simulators) -> None:
    wrong = order(ttd, Channel.SMS, mobiles(1_500))
    process_past_due_orders(now=NOON)
    record(claims.claim(SMS, limit=200, now=NOON), Outcome.accepted(S.ACCEPTED, reference="A-1"))
    claims.claim(SMS, limit=50, now=NOON)
    before = Tally(not_expanded=500, waiting=750, in_hand=50, left=200, ended_unsent=0)
    assert tally([wrong.pk]) == before
    stopped(wrong)
    process_past_due_orders(now=NOON)
    after = Tally(not_expanded=0, waiting=0, in_hand=50, left=200, ended_unsent=1_250)
    assert tally([wrong.pk]) == after
