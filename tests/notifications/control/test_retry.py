"""What waits can be retried at once, and only what waits."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from dispatch.sending import claims
from notifications.control.retry import process_now, send_now
from notifications.expansion.claims import back_off, claim_for_expansion, lock_own
from notifications.models import Notification, NotificationChannel, NotificationStatus
from orders.models import Creator, Order
from tests.building import NOON, notification, order, processed_order

S = NotificationStatus
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
NIGHT = NOON + 10 * HOUR

pytestmark = pytest.mark.django_db


def next_attempt(of: Order | Notification) -> Any:
    of.refresh_from_db()
    return of.next_attempt_at


def test_an_order_that_backs_off_is_taken_by_the_next_run(ttd: Creator) -> None:
    placed = order(ttd)
    for _ in range(4):
        Order.objects.update(next_attempt_at=NOON)
        claim = claim_for_expansion(now=NOON, limit=10)
        back_off(claim.token, claim.orders, reason="Profile is unavailable.", now=NOON)
    assert claim_for_expansion(now=NOON + SECOND, limit=10).orders == []
    assert process_now([placed.pk], now=NOON + SECOND) == {placed.pk}
    (taken,) = claim_for_expansion(now=NOON + SECOND, limit=10).orders
    assert (taken.pk, taken.attempts) == (placed.pk, 5)
    assert taken.reason == "Profile is unavailable."


def test_an_order_is_never_retried_before_its_time(ttd: Creator) -> None:
    placed = order(ttd, requested_send_time=NOON + HOUR)
    assert process_now([placed.pk], now=NOON + HOUR - SECOND) == set()
    assert next_attempt(placed) == NOON + HOUR


@pytest.mark.parametrize(
    "fields",
    [
        {"held_at": NOON},
        {"status": "Processed"},
        {"status": "Completed"},
        {"status": "Cancelled"},
        {"next_attempt_at": NOON - SECOND},  # it waits for nothing but its turn
    ],
)
def test_orders_that_do_not_wait_for_a_try_stay_as_they_are(
    ttd: Creator, fields: dict[str, Any]
) -> None:
    waiting: dict[str, Any] = {"status": "Processing", "next_attempt_at": NOON + HOUR}
    placed = order(ttd, **waiting | fields)
    other = order(ttd, status="Processing", next_attempt_at=NOON + HOUR)
    before = placed.next_attempt_at
    assert process_now([placed.pk, uuid4()], now=NOON) == set()
    assert (next_attempt(placed), next_attempt(other)) == (before, NOON + HOUR)


def test_an_order_is_taken_from_a_worker_that_died_and_that_one_writes_nothing(
    ttd: Creator,
) -> None:
    placed = order(ttd)
    dead = claim_for_expansion(now=NOON, limit=10)
    assert process_now([placed.pk], now=NOON + SECOND) == {placed.pk}
    assert lock_own(dead.token, [placed.pk]) == set()
    claim = claim_for_expansion(now=NOON + SECOND, limit=10)
    assert lock_own(claim.token, [placed.pk]) == {placed.pk}
    back_off(dead.token, dead.orders, reason="Too late.", now=NOON + SECOND)
    placed.refresh_from_db()
    assert (placed.reason, placed.lease_token) == ("", claim.token)


def test_a_notification_that_backs_off_is_sent_by_the_next_run(ttd: Creator) -> None:
    made = processed_order(ttd)
    waiting = notification(made, next_attempt_at=NOON + HOUR, attempts=3)
    other = notification(made, next_attempt_at=NOON + HOUR)
    assert send_now([waiting.pk, uuid4()], now=NOON) == {waiting.pk}
    (claimed,) = claims.claim(NotificationChannel.SMS, limit=10, now=NOON)
    assert claimed.message.notification_id == waiting.pk
    assert next_attempt(other) == NOON + HOUR
    waiting.refresh_from_db()
    assert waiting.expires_at == NOON + timedelta(hours=48)


def test_a_notification_whose_turn_has_come_keeps_its_place_in_the_queue(ttd: Creator) -> None:
    waiting = notification(processed_order(ttd), next_attempt_at=NOON - HOUR)
    assert send_now([waiting.pk], now=NOON) == set()
    assert send_now([waiting.pk], ignore_window=True, now=NOON) == {waiting.pk}
    assert next_attempt(waiting) == NOON - HOUR


def test_the_window_holds_unless_it_is_to_be_ignored(ttd: Creator) -> None:
    waiting = notification(processed_order(ttd), next_attempt_at=NIGHT + HOUR)
    assert send_now([waiting.pk], now=NIGHT) == {waiting.pk}
    assert claims.claim(NotificationChannel.SMS, limit=10, now=NIGHT) == []
    assert send_now([waiting.pk], ignore_window=True, now=NIGHT) == {waiting.pk}
    assert send_now([waiting.pk], ignore_window=True, now=NIGHT) == set()
    assert len(claims.claim(NotificationChannel.SMS, limit=10, now=NIGHT)) == 1


@pytest.mark.parametrize("ignore_window", [False, True])
@pytest.mark.parametrize("status", [S.SENDING, S.ACCEPTED, S.DELIVERED, S.FAILED])
def test_what_is_being_sent_or_was_is_left_alone(
    ttd: Creator, status: NotificationStatus, ignore_window: bool
) -> None:
    one = notification(processed_order(ttd), status, next_attempt_at=NOON + HOUR)
    assert send_now([one.pk], ignore_window=ignore_window, now=NOON) == set()
    one.refresh_from_db()
    assert (one.policy, one.next_attempt_at, one.status) == ("Daytime", NOON + HOUR, status)


@pytest.mark.parametrize("ignore_window", [False, True])
def test_what_is_held_is_left_alone(ttd: Creator, ignore_window: bool) -> None:
    one = notification(processed_order(ttd), next_attempt_at=NOON + HOUR, is_held=True)
    assert send_now([one.pk], ignore_window=ignore_window, now=NOON) == set()
    assert next_attempt(one) == NOON + HOUR
