"""Each open or failed item says why in a sentence, and what happens next."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings

from back_office.story import explanations
from back_office.story.explanations import Explanation, of_notification
from dispatch.models import ChannelPause
from dispatch.reports.delivery_reports import NOTHING_KNOWN
from notifications.models import Notification, NotificationStatus
from orders.models import Order, OrderStatus
from tests.building import NOON

S = NotificationStatus
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
EVENING = NOON + timedelta(hours=8)  # 20:00 in Oslo
MORNING = NOON - timedelta(hours=4)  # 08:00 in Oslo


def message(status: NotificationStatus = S.NEW, **fields: Any) -> Notification:
    values: dict[str, Any] = {
        "channel": "Sms",
        "policy": "Daytime",
        "status": status,
        "status_at": NOON,
        "next_attempt_at": NOON,
        "finished_at": NOON if status.is_final else None,
        "expires_at": None if status.is_final else NOON + 2 * DAY,
    }
    return Notification(**values | fields)


def an_order(status: OrderStatus = OrderStatus.PROCESSED, **fields: Any) -> Order:
    values: dict[str, Any] = {
        "status": status,
        "status_at": NOON,
        "requested_send_time": NOON,
        "next_attempt_at": NOON,
    }
    return Order(**values | fields)


def pause(cause: ChannelPause.Cause = ChannelPause.Cause.PERSON, **fields: Any) -> ChannelPause:
    values: dict[str, Any] = {
        "channel": "Sms",
        "until": NOON + HOUR,
        "reason": "Maintenance of the gateway",
    }
    return ChannelPause(cause=cause, **values | fields)


def test_an_end_that_nobody_knows_may_still_be_replaced() -> None:
    lost = message(S.FAILED, is_uncertain=True, reason=NOTHING_KNOWN)
    assert said(of_notification(lost, order=an_order(), now=NOON)) == (
        NOTHING_KNOWN,
        "A delivery report that says more still counts.",
    )


def said(explanation: Explanation | None) -> tuple[str, str]:
    assert explanation is not None
    return explanation.why, explanation.what_next


@pytest.mark.parametrize(
    ("row", "around", "why", "what_next"),
    [
        (message(), {}, "Ready to be sent.", "Leaves when its turn comes."),
        (
            message(),
            {"now": MORNING},
            "Is not due yet.",
            "Next attempt 12:00.",
        ),
        (
            message(next_attempt_at=MORNING),
            {"now": MORNING},
            "Waits for the send window.",
            "It opens 09:00.",
        ),
        (
            message(),
            {"now": EVENING},
            "Waits for the send window.",
            "It opens 2025-08-26 09:00.",
        ),
        (message(policy="Anytime"), {"now": EVENING}, "Ready to be sent.", None),
        (
            message(attempts=3, next_attempt_at=NOON + 10 * MINUTE),
            {"last_trouble": "The SMS gateway answered with status 503"},
            "Attempt 3 failed. The SMS gateway answered with status 503.",
            "Next attempt 12:10.",
        ),
        (
            message(attempts=3, next_attempt_at=NOON + 6 * HOUR),
            {"last_trouble": "It broke."},
            "Attempt 3 failed. It broke. Waits for the send window.",
            "It opens 2025-08-26 09:00.",
        ),
        (
            message(),
            {"pauses": [pause()]},
            "SMS is paused until 13:00: Maintenance of the gateway.",
            "Next attempt 13:00.",
        ),
        (
            message(),
            {"pauses": [pause(until=datetime(9999, 12, 30, tzinfo=UTC))]},
            "SMS is paused: Maintenance of the gateway.",
            "It goes on when somebody resumes the channel.",
        ),
        (
            message(),
            {"pauses": [pause(until=NOON + 9 * HOUR)]},
            "SMS is paused until 21:00: Maintenance of the gateway. Waits for the send window.",
            "It opens 2025-08-26 09:00.",
        ),
        (
            message(),
            {"pauses": [pause(ChannelPause.Cause.BREAKER, until=NOON - MINUTE)]},
            "SMS was in trouble, and one notification goes ahead to try it: Maintenance of the"
            " gateway.",
            "Next attempt 12:00.",
        ),
        (message(), {"pauses": [pause(channel="Email")]}, "Ready to be sent.", None),
        (message(), {"pauses": [pause(until=NOON - MINUTE)]}, "Ready to be sent.", None),
        (
            message(is_held=True),
            {"order": an_order(held_at=NOON - HOUR), "pauses": [pause()]},
            "Held by staff since 11:00.",
            "What has not left stays until somebody releases or stops it.",
        ),
        (
            message(is_held=True),
            {"order": an_order(held_at=NOON - DAY, stopped_at=NOON - HOUR)},
            "Stopped by staff 11:00.",
            "What had not left by then ends as failed.",
        ),
        (message(is_held=True), {}, "Held by staff.", None),
        (
            message(expires_at=NOON - MINUTE),
            {},
            "It expired.",
            "Counts as failed 12:04.",
        ),
        (
            message(S.SENDING, lease_until=NOON + 2 * MINUTE),
            {},
            "Has been on its way to the gateway since 12:00.",
            "Should its worker not come back by 12:02, it returns to the queue.",
        ),
        (
            message(S.SENDING, lease_until=NOON - MINUTE),
            {},
            "The worker that was sending it did not come back.",
            "Returns to the queue within a minute, and may reach the recipient twice.",
        ),
        (
            message(S.SENDING, lease_until=NOON + 2 * MINUTE),
            {"order": an_order(type="Instant")},
            "Has been on its way to the gateway since 12:00.",
            "It is not sent again. Counts as failed 2025-08-27 12:05 if no delivery report comes.",
        ),
        (
            message(S.SENDING, lease_until=NOON - MINUTE),
            {"order": an_order(type="Instant"), "last_trouble": "The gateway did not answer."},
            "The gateway did not answer.",
            "It is not sent again. Counts as failed 2025-08-27 12:05 if no delivery report comes.",
        ),
        (
            message(S.ACCEPTED),
            {},
            "Waits for a delivery report.",
            "Counts as failed 2025-08-27 12:05 if none comes.",
        ),
        (message(S.SUCCEEDED, channel="Email"), {}, "Waits for a delivery report.", None),
        (
            message(S.SUCCEEDED, channel="Email", finished_at=NOON, expires_at=None),
            {},
            "Sent to the mail server, which sends no delivery reports.",
            "",
        ),
        (
            message(S.FAILED_INVALID_RECIPIENT, reason="The SMS gateway refuses the message: 2."),
            {},
            "The gateway refused the number. The SMS gateway refuses the message: 2.",
            "Nothing more happens unless it is sent again.",
        ),
        (
            message(S.FAILED_BARRED_RECEIVER),
            {"was_resent": True},
            "The number is barred, blocked or not in use.",
            "It was sent again.",
        ),
        (message(S.FAILED, reason="It takes 17 parts."), {}, "It takes 17 parts.", None),
        (message(S.FAILED), {}, "It failed.", None),
    ],
)
def test_a_notification_says_why_and_what_next(
    row: Notification, around: dict[str, Any], why: str, what_next: str | None
) -> None:
    known: dict[str, Any] = {"order": an_order(), "now": NOON} | around
    answer = said(explanations.of_notification(row, **known))
    assert answer == (why, answer[1] if what_next is None else what_next)


@pytest.mark.parametrize("status", [status for status in S if status.value.startswith("Failed")])
def test_every_failure_has_its_own_sentence(status: NotificationStatus) -> None:
    why, what_next = said(explanations.of_notification(message(status), order=an_order(), now=NOON))
    assert why.endswith(".")
    assert what_next
    others = [str(text) for other, text in explanations.FAILURES.items() if other != status]
    assert why not in others


def test_a_delivered_notification_needs_no_explanation() -> None:
    row = message(S.DELIVERED)
    assert explanations.of_notification(row, order=an_order(), now=NOON) is None


R, P = OrderStatus.REGISTERED, OrderStatus.PROCESSING


@pytest.mark.parametrize(
    ("row", "why", "what_next"),
    [
        (
            an_order(R, requested_send_time=NOON + DAY, next_attempt_at=NOON + DAY),
            "Requested for 2025-08-26 12:00.",
            "It is processed then.",
        ),
        (
            an_order(
                R,
                requested_send_time=NOON + HOUR,
                next_attempt_at=NOON + HOUR,
                awaits_condition=True,
            ),
            "Requested for 13:00.",
            "The condition endpoint is asked then.",
        ),
        (an_order(R), "Is due.", "It is processed when its turn comes."),
        (
            an_order(R, held_at=NOON - HOUR),
            "Held by staff since 11:00.",
            "It stays until somebody releases or stops it.",
        ),
        (
            an_order(P, lease_token=uuid4(), attempts=1, next_attempt_at=NOON + MINUTE),
            "A worker is processing it.",
            "Should it not come back by 12:01, another one takes over.",
        ),
        (
            an_order(
                P,
                attempts=3,
                reason="Register is unavailable: it answered with status 503.",
                next_attempt_at=NOON + 42 * MINUTE,
            ),
            "Register is unavailable: it answered with status 503. Attempt 3.",
            "Next attempt 12:42; given up after 2025-08-27 12:00.",
        ),
        (
            an_order(P, next_attempt_at=NOON + MINUTE),
            "Waits for its turn.",
            "Next attempt 12:01.",
        ),
        (
            an_order(
                P,
                awaits_condition=True,
                condition_asked_at=NOON,
                condition_note="The endpoint answered with status 500.",
                next_attempt_at=NOON + MINUTE,
            ),
            "The condition endpoint's answer is in doubt. The endpoint answered with status 500.",
            "Asked again 12:01; if it is still in doubt, the order is sent.",
        ),
        (
            an_order(),
            "Notifications without a final status: 7.",
            "Completed when the last of them has one.",
        ),
        (
            an_order(held_at=NOON - HOUR),
            "Held by staff since 11:00.",
            "What has not left stays until somebody releases or stops it.",
        ),
        (
            an_order(OrderStatus.SEND_CONDITION_NOT_MET, condition_met=False),
            "Stopped: condition answered no.",
            "",
        ),
        (
            an_order(OrderStatus.SEND_CONDITION_NOT_MET, condition_note="It is fenced."),
            "Stopped: the condition endpoint's answer stayed in doubt. It is fenced.",
            "",
        ),
        (
            an_order(OrderStatus.CANCELLED, status_at=NOON - DAY),
            "Cancelled 2025-08-24 12:00; nothing was sent.",
            "",
        ),
    ],
)
def test_an_order_says_why_and_what_next(row: Order, why: str, what_next: str) -> None:
    assert said(explanations.of_order(row, open_notifications=7, now=NOON)) == (why, what_next)


def test_in_doubt_the_order_may_also_be_stopped(settings: LazySettings) -> None:
    settings.SEND_CONDITION_FAIL_OPEN = False
    row = an_order(P, awaits_condition=True, condition_asked_at=NOON, next_attempt_at=NOON + MINUTE)
    _why, what_next = said(explanations.of_order(row, now=NOON))
    assert what_next == "Asked again 12:01; if it is still in doubt, the order is stopped."


def test_an_order_without_open_notifications_is_about_to_be_completed() -> None:
    _why, what_next = said(explanations.of_order(an_order(), open_notifications=0, now=NOON))
    assert what_next == "Completed within a minute."


def test_a_completed_order_needs_no_explanation() -> None:
    assert explanations.of_order(an_order(OrderStatus.COMPLETED), now=NOON) is None
