"""What is resent is a new notification, with the text and the window of the old one."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from notifications.models import Notification, NotificationChannel
from notifications.resend.eligibility import Terms
from notifications.resend.resend import Planned, Resent, plan
from orders.models import Channel, Creator, Order
from orders.requests import EmailText, SmsText
from script.launcher.system.simulators import Simulators
from tests.building import KARI, NOON, notification, processed_order
from tests.notifications.resend.resends import (
    EVENING,
    KARIS_NUMBER,
    LATER,
    R,
    S,
    refusal,
    the_resend_of,
)
from tests.resending import resend

pytestmark = pytest.mark.django_db


def test_a_new_notification_is_made_and_linked_to_the_old(ttd: Creator, completed: Order) -> None:
    old = notification(
        completed,
        S.FAILED_UNDELIVERED,
        address="+47 99 99 99 99",
        segments=2,
        attempts=4,
        reason="The phone is off.",
        gateway_reference="A-1",
        sent_at=NOON,
    )
    done = resend([old.pk], now=LATER)
    (made,) = Notification.objects.exclude(pk=old.pk).values()
    assert made == {
        "id": done.ids[0],
        "order_id": completed.pk,
        "creator_id": ttd.pk,
        "channel": "Sms",
        "policy": "Daytime",
        "address": "+47 99 99 99 99",
        "normalized_address": "+4799999999",
        "national_identity_number": "",
        "organization_number": "",
        "subject": None,
        "body": None,
        "status": "New",
        "status_at": LATER,
        "finished_at": None,
        "is_uncertain": False,
        "reason": "",
        "next_attempt_at": LATER,
        "expires_at": LATER + timedelta(hours=48),
        "lease_until": None,
        "lease_token": None,
        "attempts": 0,
        "gateway": None,
        "gateway_reference": None,
        "segments": 2,
        "resend_of_id": old.pk,
        "is_held": False,
        "is_simulated": False,
        "created": LATER,
        "sent_at": None,
    }
    assert done == Resent([made["id"]], {})
    unchanged = Notification.objects.get(pk=old.pk)
    assert (unchanged.status, unchanged.finished_at) == (S.FAILED_UNDELIVERED, NOON)


def test_a_plan_says_what_would_be_made_and_makes_nothing(completed: Order) -> None:
    failed = notification(completed, S.FAILED)
    lost = notification(completed, S.FAILED_TTL, sent_at=NOON)
    never_sent = notification(completed, S.FAILED_TTL)
    doubtful = notification(completed, S.FAILED, is_uncertain=True)
    arrived, unknown = notification(completed, S.DELIVERED), uuid4()
    chosen = [failed.pk, lost.pk, never_sent.pk, doubtful.pk, arrived.pk, unknown]
    sms, number = NotificationChannel.SMS, "+4799999999"
    found = plan(chosen, terms=Terms(), now=LATER)
    assert set(found.planned) == {
        Planned(failed.pk, sms, number, may_have_arrived=False),
        Planned(lost.pk, sms, number, may_have_arrived=True),
        Planned(never_sent.pk, sms, number, may_have_arrived=False),
        Planned(doubtful.pk, sms, number, may_have_arrived=True),
    }
    assert found.refused == {arrived.pk: R.DELIVERED, unknown: R.UNKNOWN}
    assert Notification.objects.count() == 5
    assert Order.objects.get().status == "Completed"


def test_the_window_holds_for_the_resend_as_for_the_old_one(completed: Order) -> None:
    daytime = notification(completed, S.FAILED)
    anytime = notification(completed, S.FAILED, policy="Anytime")
    resend([daytime.pk, anytime.pk], now=EVENING)
    opens = NOON + timedelta(hours=21)  # 09:00 the next day
    by_day, at_once = the_resend_of(daytime), the_resend_of(anytime)
    assert (by_day.policy, by_day.expires_at) == ("Daytime", opens + timedelta(hours=48))
    assert (at_once.policy, at_once.expires_at) == ("Anytime", EVENING + timedelta(hours=48))


def test_texts_with_their_keywords_filled_in_are_copied(
    ttd: Creator, simulators: Simulators
) -> None:
    text = EmailText(subject="To $recipientName$", body="Hi $recipientName$")
    mail = processed_order(ttd, channel=Channel.EMAIL, email=text, status="Completed")
    old = notification(
        mail, S.FAILED, subject="To her", body="Hi her", national_identity_number=KARI
    )
    resend([old.pk], now=LATER)
    made = the_resend_of(old)
    assert (made.subject, made.body, made.segments) == ("To her", "Hi her", None)
    assert made.address == "kari.nordmann@post.example"


def test_texts_that_were_never_filled_in_are_filled_in_now(
    ttd: Creator, simulators: Simulators
) -> None:
    """Who had no address, or was reserved, never got a text of their own."""
    placed = processed_order(ttd, sms=SmsText("Hi $recipientName$"), status="Completed")
    blank: dict[str, Any] = {"address": "", "normalized_address": ""}
    failed = S.FAILED_RECIPIENT_NOT_IDENTIFIED
    old = notification(placed, failed, national_identity_number=KARI, **blank)
    direct = notification(placed, S.FAILED)
    resend([old.pk, direct.pk], now=LATER)
    made = the_resend_of(old)
    assert (made.body, made.segments, made.address) == ("Hi Kari Nordmann", 1, KARIS_NUMBER)
    assert (the_resend_of(direct).body, the_resend_of(direct).segments) == (None, 1)


def test_a_text_that_would_be_too_long_is_not_sent(ttd: Creator, simulators: Simulators) -> None:
    long = SmsText("$recipientName$ " + "x" * 134 * 16)
    placed = processed_order(ttd, sms=long, status="Completed")
    assert refusal(notification(placed, S.FAILED, national_identity_number=KARI)) == R.TOO_LONG


def test_a_text_that_would_be_empty_is_not_sent(ttd: Creator, simulators: Simulators) -> None:
    placed = processed_order(ttd, sms=SmsText("$recipientNumber$"), status="Completed")
    assert refusal(notification(placed, S.FAILED, national_identity_number=KARI)) == R.EMPTY
