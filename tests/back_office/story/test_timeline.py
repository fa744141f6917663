"""An order's story in the order of time, by Norwegian clocks; many like steps are one moment."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from back_office.audit import log
from back_office.audit.log import Actor, Why
from back_office.models import StaffAction
from back_office.story import timeline
from back_office.story.details import Report, Trouble
from back_office.story.stats import steps_of
from back_office.story.timeline import Moment
from notifications.models import NotificationStatus, StatusFeedEntry
from orders.models import Channel, Creator, Order
from tests.building import NOON, notification, order

S = NotificationStatus
SECOND = timedelta(seconds=1)


def story(of: Order, **known: Any) -> list[Moment]:
    defaults: dict[str, Any] = {
        "look_ups": [("NotNeeded", 1)],
        "attempts": [],
        "reports": [],
        "actions": [],
        "entries": [],
    }
    return timeline.of_order(of, steps=steps_of(of.pk), **defaults | known)


def told(moments: list[Moment]) -> list[tuple[str, str]]:
    return [(moment.when[11:], moment.what) for moment in moments]


def test_a_plain_order_is_told_from_accepted_to_the_feed(ttd: Creator) -> None:
    made = order(ttd, status="Completed", status_at=NOON + 9 * SECOND)
    for number in range(3):
        notification(
            made,
            S.DELIVERED,
            now=NOON + SECOND,
            sent_at=NOON + (3 + number) * SECOND,
            status_at=NOON + (6 + number) * SECOND,
        )
    entry = StatusFeedEntry(sequence_number=7, round=1, created=NOON + 9 * SECOND)
    assert told(story(made, entries=[entry])) == [
        ("12:00:00", "Accepted from ttd, recipients: 1"),
        ("12:00:01", "3 SMS created"),
        ("12:00:03", "3 SMS sent to the gateway between 12:00:03 and 12:00:05"),
        ("12:00:06", "3 SMS: Delivered between 12:00:06 and 12:00:08"),
        ("12:00:09", "Completed"),
        ("12:00:09", "Entered in the status feed, round 1"),
    ]


def test_each_channel_and_each_failure_is_told_apart(ttd: Creator) -> None:
    made = order(ttd, Channel.EMAIL_AND_SMS, status="Processed", status_at=NOON)
    sent = NOON + SECOND
    notification(made, S.FAILED_BARRED_RECEIVER, sent_at=sent, status_at=NOON + 3 * SECOND)
    notification(made, S.ACCEPTED, sent_at=sent, status_at=sent)
    notification(made, S.DELIVERED, channel="Email", sent_at=sent, status_at=NOON + 2 * SECOND)
    notification(made, S.FAILED_RECIPIENT_RESERVED, channel="Email")
    words = [what for _when, what in told(story(made))]
    assert words[1:] == [
        "2 e-mail created",
        "2 SMS created",
        "1 e-mail: Reserved",
        "Processed: all its notifications are created",
        "1 e-mail sent to the mail server",
        "2 SMS sent to the gateway",
        "1 e-mail: Delivered",
        "1 SMS: Number barred",
    ]
    colours = {moment.what: moment.colour for moment in story(made)}
    assert colours["1 SMS: Number barred"] == "danger"
    assert colours["1 e-mail: Delivered"] == "success"


def test_resends_are_told_apart_from_the_first_round(ttd: Creator) -> None:
    made = order(ttd, status="Processed")
    first = notification(made, S.FAILED)
    notification(made, S.NEW, now=NOON + SECOND, resend_of=first)
    assert ("12:00:01", "1 SMS created as resends") in told(story(made))


@pytest.mark.parametrize(
    ("met", "what"), [(True, "it answered yes"), (False, "it answered no"), (None, "in doubt")]
)
def test_the_condition_and_the_requested_time_are_told(
    ttd: Creator, met: bool | None, what: str
) -> None:
    made = order(
        ttd,
        requested_send_time=NOON + SECOND,
        condition_asked_at=NOON + 2 * SECOND,
        condition_met=met,
        condition_note="A note.",
    )
    _accepted, requested, asked = story(made)
    assert (requested.when[11:], requested.what) == ("12:00:01", "Requested send time")
    assert what in asked.what
    assert asked.detail == "A note."


def test_verdicts_of_the_look_up_are_counted(ttd: Creator) -> None:
    made = order(ttd)
    accepted, looked_up = story(made, look_ups=[("Found", 310), ("Missing", 2), ("NotNeeded", 1)])
    assert accepted.what == "Accepted from ttd, recipients: 313"
    assert looked_up.detail == "Found: 310, Missing: 2"


def test_like_troubles_and_like_reports_are_one_moment(ttd: Creator) -> None:
    made = order(ttd)
    troubles = [Trouble(NOON + n * SECOND, "Error", "It broke.") for n in range(1, 4)]
    reports = [Report("Sms", NOON + n * SECOND, "Delivered", "Applied", "", "{}") for n in (5, 6)]
    _accepted, trouble, reported = story(made, attempts=troubles, reports=reports)
    assert trouble.what == "3 attempts failed between 12:00:01 and 12:00:03"
    assert trouble.detail == "It broke."
    assert reported.what == "2 delivery reports for SMS between 12:00:05 and 12:00:06"
    assert reported.detail == "Delivered"


def test_what_staff_did_is_told_with_the_reason_and_the_case(
    ttd: Creator, admin_user: User
) -> None:
    made = order(ttd, held_at=NOON + SECOND, stopped_at=NOON + 3 * SECOND)
    action = log.record(
        StaffAction.What.HELD,
        by=Actor.of(admin_user),
        why=Why("Wrong text", "SAK-1"),
        subject=StaffAction.Subject.ORDER,
        subject_id=made.pk,
        now=NOON + SECOND,
    )
    moments = story(made, actions=[action])
    assert ("12:00:01", "Held by admin") in told(moments)
    assert next(m for m in moments if m.what == "Held by admin").detail == "Wrong text (SAK-1)"
    assert ("12:00:03", "Stopped by staff") in told(moments)
    assert told(moments).count(("12:00:01", "Held by staff")) == 0


def test_a_span_across_midnight_names_the_day(ttd: Creator) -> None:
    made = order(ttd)
    for moment in (NOON, NOON + timedelta(days=1)):
        notification(made, S.DELIVERED, sent_at=moment, status_at=NOON)
    words = [what for _when, what in told(story(made))]
    assert "2 SMS sent to the gateway between 12:00:00 and 2025-08-26 12:00:00" in words
