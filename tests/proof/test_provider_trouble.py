"""A mail server in trouble pauses its channel and burns nothing; what a pause cost can be resent.

The same of the SMS gateway is in tests/dispatch/sending/test_recording.py.
"""

from collections import Counter
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import connection, transaction
from django.utils import timezone
from time_machine import TimeMachineFixture

from dispatch.models import Attempt, ChannelPause
from dispatch.sending import pauses
from dispatch.sending.sender import sender_for
from dispatch.upkeep import sweep
from notifications.expiry import GRACE, LIFETIME
from notifications.models import Notification, NotificationChannel, NotificationStatus
from orders.models import Channel, Creator, Order, OrderStatus
from script.launcher.system.simulators import Simulators
from tests.building import NOON, notification, processed_order
from tests.dispatch.waiting import messages_of
from tests.resending import resend

SMS, EMAIL = NotificationChannel.SMS, NotificationChannel.EMAIL
S = NotificationStatus
Cause = ChannelPause.Cause
MINUTE = timedelta(minutes=1)

# A drain gives its connection back while it waits, so it cannot run in a test's transaction.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order(ttd: Creator, settings: LazySettings) -> Order:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "user", "s3cret"
    settings.EMAIL_IN_FLIGHT = 8
    return processed_order(ttd, channel=Channel.EMAIL, now=timezone.now())


def drain(channel: NotificationChannel = EMAIL) -> int | None:
    return sender_for(channel).drain(seconds=20)


def statuses(order: Order) -> Counter[str]:
    return Counter(order.notification_set.values_list("status", flat=True))


def the_pause() -> ChannelPause:
    return ChannelPause.objects.get()


# --- E-mail ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("fault", "word"), [("log-in-fails", "535"), ("log-in-required", "530")])
def test_a_mail_server_that_refuses_us_pauses_the_channel_with_its_words_and_burns_nothing(
    order: Order, simulators: Simulators, fault: str, word: str
) -> None:
    messages_of(order, 60, now=timezone.now())
    simulators.fault("smtp", fault)
    drain()
    assert (the_pause().channel, the_pause().cause) == (EMAIL, Cause.REFUSED)
    assert word in the_pause().reason
    assert "s3cret" not in the_pause().reason
    assert statuses(order) == {S.NEW: 60}
    assert set(order.notification_set.values_list("attempts", "lease_token")) == {(0, None)}
    assert not Attempt.objects.exists()
    assert drain() == 0

    simulators.reset()
    pauses.resume(EMAIL, now=timezone.now())
    assert drain() == 60
    assert statuses(order) == {S.SUCCEEDED: 60}
    assert len(simulators.messages()) == 60


def test_a_server_that_closes_on_everybody_opens_the_breaker_and_one_probe_closes_it(
    order: Order, simulators: Simulators, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(timezone.now())
    messages_of(order, 60, now=timezone.now())
    simulators.fault("smtp", "error421")
    drain()
    assert (the_pause().cause, the_pause().until - the_pause().set_at) == (
        Cause.BREAKER,
        pauses.BREAKER_FOR,
    )
    assert len(simulators.calls("smtp")) < 2 * pauses.ERRORS_THAT_BREAK
    time_machine.shift(pauses.BREAKER_FOR.total_seconds() - 1)
    assert drain() == 0
    time_machine.shift(1)
    before = len(simulators.calls("smtp"))
    assert sum(drain() or 0 for _ in range(3)) == 2
    assert len(simulators.calls("smtp")) == before + 2

    simulators.reset()
    time_machine.shift(60)
    assert drain() == 60
    assert not ChannelPause.objects.exists()
    assert statuses(order) == {S.SUCCEEDED: 60}


@pytest.mark.parametrize("fault", ["error451", "error554"])
def test_what_a_server_says_of_messages_never_pauses_the_channel(
    order: Order, simulators: Simulators, fault: str
) -> None:
    messages_of(order, 2 * pauses.ERRORS_THAT_BREAK, now=timezone.now())
    simulators.fault("smtp", fault)
    assert drain() == 2 * pauses.ERRORS_THAT_BREAK
    assert not ChannelPause.objects.exists()
    later = fault == "error451"
    assert statuses(order) == {S.NEW if later else S.FAILED: 2 * pauses.ERRORS_THAT_BREAK}


def test_bad_addresses_fail_their_rows_and_the_others_go(
    order: Order, simulators: Simulators
) -> None:
    now = timezone.now()
    for name in ("unknown-user", "bad-syntax", "bad-name", "refused", "spam", "busy"):
        address = f"{name}@magic.example"
        messages_of(order, 1, now=now, address=address, normalized_address=address)
    messages_of(order, 30, now=now)
    assert drain() == 36
    assert not ChannelPause.objects.exists()
    assert statuses(order) == {
        S.SUCCEEDED: 30,
        S.NEW: 1,
        S.FAILED_BOUNCED: 1,
        S.FAILED_INVALID_EMAIL_FORMAT: 2,
        S.FAILED: 2,
    }


# --- What a pause costs ----------------------------------------------------------------------


def test_what_expires_during_a_pause_is_listed_and_can_be_resent(
    ttd: Creator, simulators: Simulators, time_machine: TimeMachineFixture
) -> None:
    begun = timezone.now()
    time_machine.move_to(begun)
    order = processed_order(ttd, now=begun)
    rows = messages_of(order, 5, now=begun)
    pauses.pause(
        SMS,
        Cause.PERSON,
        until=begun + 3 * LIFETIME,
        reason="Maintenance.",
        now=begun,
        set_by="ola",
    )
    assert drain(SMS) == 0

    time_machine.move_to(begun + LIFETIME + GRACE + MINUTE)
    sweep.sweep(now=timezone.now())
    order.refresh_from_db()
    assert order.status == OrderStatus.COMPLETED
    lost = Notification.objects.expired_unsent(SMS, since=begun)
    assert set(lost.all()) == set(rows)

    pauses.resume(SMS, now=timezone.now())
    resent = resend(lost.values_list("pk", flat=True), now=timezone.now())
    assert (len(resent.ids), resent.refused) == (5, {})
    assert not lost.exists()
    assert drain(SMS) == 5
    assert len(simulators.messages()) == 5


def test_only_what_ran_out_of_time_unsent_since_then_and_was_not_resent_is_listed(
    ttd: Creator,
) -> None:
    placed = processed_order(ttd)
    first, second = (notification(placed, S.FAILED_TTL, now=NOON + n * MINUTE) for n in (1, 0))
    notification(placed, S.FAILED_TTL, now=NOON - MINUTE)
    notification(placed, S.FAILED_TTL, sent_at=NOON)  # the gateway took it
    notification(placed, S.FAILED)
    notification(placed, S.NEW)
    notification(placed, S.FAILED_TTL, channel=EMAIL)
    notification(placed, S.NEW, resend_of=notification(placed, S.FAILED_TTL))
    assert list(Notification.objects.expired_unsent(SMS, since=NOON)) == [second, first]


def test_what_has_expired_is_found_by_its_index() -> None:
    wanted = Notification.objects.expired_unsent(SMS, since=NOON)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        assert "notification_failed" in wanted.explain()
