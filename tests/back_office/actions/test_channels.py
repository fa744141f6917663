"""Operators pause and resume a channel, and send again what expired meanwhile."""

from datetime import timedelta

import pytest
import time_machine

from back_office.actions.channels import pause_channel, resend_expired, resume_channel
from back_office.models import StaffAction
from dispatch.models import Attempt, ChannelPause
from dispatch.sending import pauses
from notifications.models import Notification, NotificationChannel, NotificationStatus
from orders.models import Creator
from tests.back_office.actions.conftest import ANNE, WHY, LogIn, list_of, page_of
from tests.building import NOON, notification, processed_order

S = NotificationStatus
SMS = NotificationChannel.SMS
PAUSE = "dispatch_channelpause"
HOUR = timedelta(hours=1)

pytestmark = pytest.mark.django_db


def lines() -> list[tuple[str, str]]:
    found = StaffAction.objects.order_by("id")
    return list(found.values_list("what", "subject_id"))


def test_a_pause_is_attributed_and_in_the_audit_log() -> None:
    done = pause_channel.run(SMS, until=NOON + HOUR, by=ANNE, why=WHY, now=NOON)
    assert done.figures == {"channel": "Sms", "until": (NOON + HOUR).isoformat()}
    row = ChannelPause.objects.get()
    assert (row.set_by, row.reason, row.until) == ("anne", WHY.reason, NOON + HOUR)
    assert lines() == [("Paused", "Sms")]
    (event,) = row.events.select_related("pgh_context")  # type: ignore[attr-defined]
    assert event.pgh_context.metadata["name"] == "anne"


def test_a_shorter_pause_does_not_shorten_a_longer_one() -> None:
    pause_channel.run(SMS, until=NOON + 2 * HOUR, by=ANNE, why=WHY, now=NOON)
    done = pause_channel.run(SMS, until=NOON + HOUR, by=ANNE, why=WHY, now=NOON)
    assert done.figures["until"] == (NOON + 2 * HOUR).isoformat()


def test_resuming_lifts_all_and_says_what_expired(ttd: Creator) -> None:
    pause_channel.run(SMS, until=None, by=ANNE, why=WHY, now=NOON)
    refused = ChannelPause.Cause.REFUSED
    pauses.pause(SMS, refused, until=NOON + 3 * HOUR, reason="No credit.", now=NOON + HOUR)
    # Set again: the channel has been paused since noon still.
    pause_channel.run(SMS, until=None, by=ANNE, why=WHY, now=NOON + 2 * HOUR)
    made = processed_order(ttd)
    expired = notification(made, S.FAILED_TTL, now=NOON + timedelta(minutes=1))
    notification(made, S.FAILED_TTL, now=NOON - HOUR)
    notification(made, S.FAILED_TTL, now=NOON + HOUR, sent_at=NOON)
    notification(made, S.FAILED, now=NOON + HOUR)
    may_be_taken = notification(made, S.FAILED_TTL, now=NOON + HOUR)
    for one, outcome in ((may_be_taken, Attempt.Outcome.UNKNOWN), (expired, Attempt.Outcome.ERROR)):
        Attempt.objects.create(notification=one, outcome=outcome, created=NOON)
    notification(made, S.FAILED_TTL, now=NOON + HOUR, channel=NotificationChannel.EMAIL)
    done = resume_channel.run(SMS, by=ANNE, why=WHY, now=NOON + 3 * HOUR)
    assert done.figures == {
        "channel": "Sms",
        "pauses": 2,
        "since": NOON.isoformat(),
        "expired": 1,
    }
    assert not ChannelPause.objects.exists()
    # Known after it is resumed, too.
    assert list(resend_expired.expired_in_pause(SMS, now=NOON + 3 * HOUR)) == [expired.pk]
    notification(made, resend_of=expired)
    assert not resend_expired.expired_in_pause(SMS, now=NOON + 3 * HOUR)


def test_a_channel_that_is_not_paused_cannot_be_resumed() -> None:
    assert not resume_channel.run(SMS, by=ANNE, why=WHY, now=NOON).success
    assert not lines()
    assert not resend_expired.expired_in_pause(SMS, now=NOON + 3 * HOUR)


def test_a_pause_that_ran_out_counts_for_nothing() -> None:
    """Its row is not deleted; set anew, it begins anew."""
    rate_limit = ChannelPause.Cause.RATE_LIMIT
    pauses.pause(SMS, rate_limit, until=NOON + HOUR, reason="Too fast.", now=NOON)
    assert resend_expired.paused_since(SMS, now=NOON) == NOON
    later = NOON + 2 * HOUR
    assert resend_expired.paused_since(SMS, now=later) is None
    assert not resume_channel.preview(SMS, now=later).possible
    assert not resume_channel.run(SMS, by=ANNE, why=WHY, now=later).success
    pauses.pause(SMS, rate_limit, until=later + HOUR, reason="Too fast.", now=later)
    again = later + HOUR / 2
    pauses.pause(SMS, rate_limit, until=again + HOUR, reason="Too fast.", now=again)
    assert resend_expired.paused_since(SMS, now=again) == later


def test_trouble_that_is_probed_goes_on() -> None:
    refused = ChannelPause.Cause.REFUSED
    pauses.pause(SMS, refused, until=NOON + HOUR, reason="No credit.", now=NOON)
    later = NOON + 2 * HOUR
    assert pauses.take_probe(SMS, now=later)
    pauses.pause(SMS, refused, until=later + HOUR, reason="No credit.", now=later)
    assert resend_expired.paused_since(SMS, now=later) == NOON


@time_machine.travel(NOON, tick=False)
def test_operators_pause_until_a_time_by_norwegian_clocks(log_in: LogIn) -> None:
    desk = log_in("operator")
    page = page_of(PAUSE, "Sms", "pause")
    assert page in desk.read(list_of(PAUSE))
    assert "SMS: nothing of any service owner leaves" in desk.read(page)
    after = desk.send(page, until_0="2025-08-25", until_1="15:30")
    assert "SMS is paused until 15:30." in after
    assert ChannelPause.objects.get().until == NOON + timedelta(hours=3, minutes=30)


@time_machine.travel(NOON, tick=False)
def test_a_pause_ends_in_the_future(log_in: LogIn) -> None:
    desk = log_in("operator")
    page = page_of(PAUSE, "Sms", "pause")
    assert "This is in the past." in desk.send(page, until_0="2025-08-25", until_1="11:59")
    assert "Enter a valid time." in desk.send(page, until_0="2025-08-25", until_1="noon")
    assert not ChannelPause.objects.exists()


def test_operators_pause_until_somebody_resumes(log_in: LogIn, ttd: Creator) -> None:
    desk = log_in("operator")
    after = desk.send(page_of(PAUSE, "Sms", "pause"))
    assert "SMS is paused until somebody resumes it." in after
    assert "operator" in after
    resume = page_of(PAUSE, "Sms", "resume")
    assert resume in after
    assert page_of(PAUSE, "Email", "resume") not in after
    assert "SMS: what waits leaves at once" in desk.read(resume)
    after = desk.send(resume, shown="{}")
    assert "The channel goes on." in after
    assert not ChannelPause.objects.exists()


def test_resuming_offers_to_resend_what_expired(log_in: LogIn, ttd: Creator) -> None:
    desk = log_in("operator")
    desk.send(page_of(PAUSE, "Sms", "pause"))
    began = ChannelPause.objects.get().set_at
    expired = notification(processed_order(ttd, status="Completed"), S.FAILED_TTL, now=began)
    after = desk.send(page_of(PAUSE, "Sms", "resume"), shown="{}")
    assert "1 notification expired while it was paused." in after
    assert "1 new notification will be created" in after
    again = page_of(PAUSE, "Sms", "resend-expired")
    assert again in desk.read(list_of(PAUSE))
    assert "1 notification is sent again." in desk.send(again, shown="{}")
    assert Notification.objects.filter(resend_of=expired).exists()
    assert again not in desk.read(list_of(PAUSE))


def test_the_page_counts_down_to_the_first_expiry(log_in: LogIn, ttd: Creator) -> None:
    with time_machine.travel(NOON, tick=False):
        desk = log_in("operator")
        notification(processed_order(ttd), expires_at=NOON + timedelta(hours=3))
        desk.send(page_of(PAUSE, "Sms", "pause"))
        page = desk.read(list_of(PAUSE))
    assert "The first notification that waits expires 2025-08-25 15:00, in 3\xa0hours." in page


@pytest.mark.parametrize("group", ["support", "auditor"])
def test_others_may_not(log_in: LogIn, group: str) -> None:
    desk = log_in(group)
    assert "/do/pause/" not in desk.read(list_of(PAUSE))
    for action in ("pause", "resume"):
        page = page_of(PAUSE, "Sms", action)
        assert desk.status(page) == 403
        assert desk.status(page, reason="x", shown="{}") == 403
    assert not ChannelPause.objects.exists()


def test_there_are_two_channels(log_in: LogIn) -> None:
    desk = log_in("operator")
    assert desk.status(page_of(PAUSE, "Fax", "pause")) == 404
