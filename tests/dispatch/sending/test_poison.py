"""Messages that the gateway refuses as if it refused us: they fail, and nobody else waits for it.

Case 25; attacks A1, A15 and A32.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone
from time_machine import TimeMachineFixture

from dispatch.models import Attempt, ChannelPause
from dispatch.sending import pauses
from dispatch.sending.channel_watch import SUSPECT_AGAIN_AFTER
from dispatch.sending.sender import sender_for
from notifications.models import Notification, NotificationChannel, NotificationStatus
from orders.models import Channel, Creator, Order
from orders.texts.sms_length import count_segments
from script.launcher.system.simulators import Simulators
from tests.building import processed_order
from tests.dispatch.waiting import messages_of

SMS, EMAIL = NotificationChannel.SMS, NotificationChannel.EMAIL
S = NotificationStatus
REFUSED_LIKE_ALL = "+4741032"
ERROR_500 = "+4741020"
# Of a suspect, with a message of others after each.
LATER = SUSPECT_AGAIN_AFTER.total_seconds() + 1

# A drain gives its connection back while it waits, so it cannot run in a test's transaction.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def poisonous(ttd: Creator, settings: LazySettings) -> Order:
    settings.SMS_IN_FLIGHT = 10
    return processed_order(ttd, now=timezone.now())


@pytest.fixture
def good(skd: Creator) -> Order:
    return processed_order(skd, now=timezone.now())


def poison(order: Order, prefix: str, count: int) -> Sequence[Notification]:
    rows = []
    for number in range(count):
        receiver = f"{prefix}{number:03d}"
        now = timezone.now()
        rows += messages_of(order, 1, now=now, address=receiver, normalized_address=receiver)
    return rows


def drain(channel: NotificationChannel = SMS) -> None:
    sender_for(channel).drain(seconds=20)


def statuses(order: Order) -> Counter[str]:
    return Counter(order.notification_set.values_list("status", flat=True))


def test_case_25_one_refusal_pauses_nothing_and_fails_its_message_when_it_comes_again(
    poisonous: Order, good: Order, simulators: Simulators, time_machine: TimeMachineFixture
) -> None:
    poison(poisonous, REFUSED_LIKE_ALL, 1)
    messages_of(good, 40, now=timezone.now())
    drain()
    assert statuses(good) == {S.ACCEPTED: 40}
    assert statuses(poisonous) == {S.NEW: 1}
    assert not ChannelPause.objects.exists()

    for _ in range(2):
        time_machine.move_to(timezone.now() + timedelta(seconds=LATER / 2))
        messages_of(good, 1, now=timezone.now())
        drain()
    time_machine.move_to(timezone.now() + timedelta(seconds=LATER))
    drain()
    (row,) = poisonous.notification_set.all()
    assert row.status == S.FAILED
    assert "while other messages got through" in row.reason
    assert statuses(good) == {S.ACCEPTED: 42}
    assert not ChannelPause.objects.exists()


@pytest.mark.parametrize("prefix", [REFUSED_LIKE_ALL, ERROR_500])
def test_attack_a32_an_order_of_poison_closes_the_channel_for_its_creator_alone(
    poisonous: Order, good: Order, simulators: Simulators, prefix: str
) -> None:
    poison(poisonous, prefix, 2 * pauses.ERRORS_THAT_BREAK)
    drain()
    pause = ChannelPause.objects.get()
    assert "So far only messages of ttd have met this" in pause.reason
    calls = len(simulators.calls("gateway"))
    drain()
    assert len(simulators.calls("gateway")) == calls, "and they are left alone meanwhile"
    sender_for.cache_clear()  # as in another process
    drain()
    assert len(simulators.calls("gateway")) == calls, "by all processes"

    messages_of(good, 40, now=timezone.now())
    drain()
    assert statuses(good) == {S.ACCEPTED: 40}
    assert not ChannelPause.objects.exists()


def test_an_order_of_poison_ends_in_a_minute_and_its_creators_others_go_on_meanwhile(
    poisonous: Order, good: Order, simulators: Simulators, time_machine: TimeMachineFixture
) -> None:
    rows = poison(poisonous, REFUSED_LIKE_ALL, 40)
    drain()
    assert ChannelPause.objects.exists()
    messages_of(poisonous, 20, now=timezone.now())
    messages_of(good, 1, now=timezone.now())
    drain()  # the other's gets through, and then there is no pause
    drain()
    assert not ChannelPause.objects.exists()
    assert statuses(poisonous) == {S.ACCEPTED: 20, S.NEW: len(rows)}

    for _ in range(2):
        time_machine.move_to(timezone.now() + timedelta(seconds=LATER / 2))
        messages_of(good, 1, now=timezone.now())
        drain()
    assert statuses(poisonous) == {S.ACCEPTED: 20, S.FAILED: len(rows)}
    assert statuses(good) == {S.ACCEPTED: 3}
    assert not ChannelPause.objects.exists()
    assert len(simulators.calls("gateway")) == 2 * len(rows) + 23


def test_a_gateway_out_of_order_is_found_out_all_the_same(
    poisonous: Order, good: Order, simulators: Simulators, time_machine: TimeMachineFixture
) -> None:
    """Others are let go on, meet the same, and then the channel is closed for all."""
    simulators.fault("gateway", "no-credit")
    messages_of(poisonous, 30, now=timezone.now())
    drain()
    messages_of(good, 100, now=timezone.now())
    drain()
    calls = len(simulators.calls("gateway"))
    drain()
    assert len(simulators.calls("gateway")) == calls
    assert "So far only" not in ChannelPause.objects.get().reason
    assert statuses(good) == {S.NEW: 100}
    assert not Attempt.objects.exists()

    simulators.reset()
    pauses.resume(SMS, now=timezone.now())
    time_machine.move_to(timezone.now() + timedelta(seconds=LATER))
    drain()
    assert statuses(good) == {S.ACCEPTED: 100}
    assert statuses(poisonous) == {S.ACCEPTED: 30}


@pytest.mark.parametrize("pause", [ChannelPause.Cause.PERSON, ChannelPause.Cause.RATE_LIMIT])
def test_a_pause_by_a_person_or_for_a_limit_holds_whoever_is_to_blame(
    poisonous: Order, good: Order, simulators: Simulators, pause: ChannelPause.Cause
) -> None:
    poison(poisonous, ERROR_500, pauses.ERRORS_THAT_BREAK)
    drain()
    now = timezone.now()
    pauses.pause(SMS, pause, until=now + timedelta(hours=1), reason="Stop.", now=now)
    messages_of(good, 5, now=now)
    drain()
    assert statuses(good) == {S.NEW: 5}


def test_attack_a1_what_our_own_code_raises_fails_its_message_and_nobody_waits(
    poisonous: Order, good: Order, simulators: Simulators, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it is: here counting the parts of a text divides by zero."""

    def broken(text: str) -> object:
        return 1 // 0 if "poison" in text else count_segments(text)

    monkeypatch.setattr("dispatch.gateways.sms.count_segments", broken)
    messages_of(poisonous, 2 * pauses.ERRORS_THAT_BREAK, now=timezone.now(), body="poison")
    messages_of(good, 40, now=timezone.now())
    drain()
    assert statuses(good) == {S.ACCEPTED: 40}
    assert statuses(poisonous) == {S.FAILED: 2 * pauses.ERRORS_THAT_BREAK}
    reasons = set(poisonous.notification_set.values_list("reason", flat=True))
    assert reasons == {"The message cannot be written (ZeroDivisionError)."}
    assert not ChannelPause.objects.exists()


def test_attack_a1_a_from_address_that_is_none_fails_its_order_and_nobody_waits(
    ttd: Creator, skd: Creator, simulators: Simulators, settings: LazySettings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    now = timezone.now()
    broken = processed_order(ttd, channel=Channel.EMAIL, now=now, email_sender=".@[")
    others = processed_order(skd, channel=Channel.EMAIL, now=now)
    messages_of(broken, 25, now=now)
    messages_of(others, 25, now=now)
    drain(EMAIL)
    assert statuses(broken) == {S.FAILED: 25}
    assert statuses(others) == {S.SUCCEEDED: 25}
    assert not ChannelPause.objects.exists()
