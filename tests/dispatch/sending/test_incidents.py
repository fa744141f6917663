"""A pause of a channel leaves a record: from, to, why, how many waited, and how many expired."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse

from dispatch.models import ChannelIncident, ChannelPause
from dispatch.sending import incidents, pauses
from dispatch.upkeep import sweep
from notifications.expiry import GRACE
from notifications.models import NotificationChannel, NotificationStatus
from orders.models import Channel, Creator
from tests.building import NOON, notification, processed_order

S = NotificationStatus
SMS, EMAIL = NotificationChannel.SMS, NotificationChannel.EMAIL
Cause = ChannelPause.Cause
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

pytestmark = pytest.mark.django_db


def pause(cause: Cause, channel: NotificationChannel = SMS, **fields: Any) -> None:
    usual: dict[str, Any] = {"until": NOON + HOUR, "reason": "No credit.", "now": NOON}
    pauses.pause(channel, cause, **usual | fields)


def the_incident() -> ChannelIncident:
    return ChannelIncident.objects.get()


def test_what_staff_pause_and_resume_is_one_incident_with_what_waited(ttd: Creator) -> None:
    pause(Cause.PERSON, set_by="kari")
    processed_order(ttd, S.NEW, S.NEW, S.ACCEPTED)
    notification(processed_order(ttd), next_attempt_at=NOON + 2 * HOUR)
    notification(processed_order(ttd, channel=Channel.EMAIL))
    pauses.resume(SMS, now=NOON + MINUTE)
    found = the_incident()
    assert (found.began, found.ended, found.set_by) == (NOON, NOON + MINUTE, "kari")
    assert (found.cause, found.reason) == (Cause.PERSON, "No credit.")
    assert (found.waited, found.expired) == (2, 0)


def test_a_pause_that_goes_on_is_the_same_incident_and_one_after_its_end_another(db: None) -> None:
    pause(Cause.BREAKER)
    pause(Cause.BREAKER, now=NOON + MINUTE, reason="No answer.")
    assert (the_incident().began, the_incident().reason) == (NOON, "No answer.")
    pauses.lift(SMS, now=NOON + 2 * MINUTE)
    assert the_incident().ended == NOON + 2 * MINUTE
    pause(Cause.BREAKER, now=NOON + 3 * MINUTE)
    assert ChannelIncident.objects.count() == 2
    assert ChannelIncident.objects.filter(ended=None).count() == 1


def test_a_probe_that_goes_through_ends_no_pause_of_a_person_or_of_another_channel(
    db: None,
) -> None:
    pause(Cause.REFUSED)
    pause(Cause.PERSON)
    pause(Cause.REFUSED, EMAIL)
    pauses.lift(SMS, now=NOON + MINUTE)
    ended = ChannelIncident.objects.exclude(ended=None)
    assert [(one.channel, one.cause) for one in ended] == [("Sms", Cause.REFUSED)]


@pytest.mark.parametrize(
    ("cause", "ends"),
    [
        (Cause.PERSON, NOON + HOUR),
        (Cause.RATE_LIMIT, NOON + HOUR),
        (Cause.REFUSED, None),
        (Cause.BREAKER, None),
    ],
)
def test_a_pause_that_runs_out_ends_then_but_for_trouble_that_a_probe_must_end(
    cause: Cause, ends: Any
) -> None:
    pause(cause)
    incidents.look(now=NOON + HOUR - MINUTE)
    assert the_incident().ended is None
    incidents.look(now=NOON + 2 * HOUR)
    assert the_incident().ended == ends


def test_the_most_that_waited_at_once_is_kept(ttd: Creator) -> None:
    pause(Cause.PERSON)
    made = processed_order(ttd, S.NEW, S.NEW, S.NEW)
    sweep.sweep(now=NOON + MINUTE)
    made.notification_set.update(status=S.FAILED, finished_at=NOON, expires_at=None)
    pauses.resume(SMS, now=NOON + 2 * MINUTE)
    assert the_incident().waited == 3


def test_what_the_send_window_holds_back_does_not_wait_for_the_channel(ttd: Creator) -> None:
    pause(Cause.PERSON, until=NOON + 12 * HOUR)
    notification(processed_order(ttd), policy="Daytime")
    incidents.look(now=NOON + 10 * HOUR)
    assert the_incident().waited == 0


def test_counting_what_waits_is_bounded(ttd: Creator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incidents, "MAX_COUNTED", 2)
    pause(Cause.PERSON)
    processed_order(ttd, S.NEW, S.NEW, S.NEW)
    incidents.look(now=NOON)
    assert the_incident().waited == 2


def test_what_expired_unsent_while_the_channel_was_paused_is_counted_also_afterwards(
    ttd: Creator,
) -> None:
    pause(Cause.PERSON)
    made = processed_order(ttd)
    for minutes in (10, 20, 40, -5):
        notification(made, expires_at=NOON + minutes * MINUTE)
    notification(made, S.ACCEPTED, sent_at=NOON, expires_at=NOON + 10 * MINUTE)
    notification(processed_order(ttd, channel=Channel.EMAIL), expires_at=NOON + 10 * MINUTE)
    sweep.sweep(now=NOON + 11 * MINUTE + GRACE)
    assert the_incident().expired == 1
    pauses.resume(SMS, now=NOON + 30 * MINUTE)
    sweep.sweep(now=NOON + 50 * MINUTE + GRACE)
    assert the_incident().expired == 2


def test_the_list_shows_them_the_latest_first_and_masked(
    client: Client, admin_user: User, ttd: Creator
) -> None:
    pause(Cause.REFUSED, EMAIL, reason="550 kari.nordmann@example.com is unknown.")
    pause(Cause.PERSON, set_by="siri", now=NOON + MINUTE)
    processed_order(ttd, S.NEW)
    pauses.resume(SMS, now=NOON + 2 * MINUTE)
    client.force_login(admin_user)
    page = client.get(reverse("admin:dispatch_channelincident_changelist")).content.decode()
    assert page.index("Paused by staff") < page.index("Refused")
    assert "still lasts" in page
    assert "kari.nordmann" not in page


def test_who_saw_pauses_sees_incidents(db: None) -> None:
    seen = Permission.objects.get(codename="view_channelincident")
    support, stranger = Group.objects.get(name="support"), Group.objects.create(name="stranger")
    support.permissions.remove(seen)
    import_module("dispatch.migrations.0013_who_may_see_incidents").let_see(apps, None)
    assert support.permissions.contains(seen)
    assert not stranger.permissions.contains(seen)
