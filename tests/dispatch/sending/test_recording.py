"""What a gateway says decides what becomes of the message, and whether the channel goes on."""

from collections import Counter
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone
from time_machine import TimeMachineFixture

from dispatch.gateways.base import Message, Outcome
from dispatch.gateways.by_channel import WayOut, WaysOut, ways_out
from dispatch.models import Attempt, ChannelPause
from dispatch.reports import delivery_reports
from dispatch.reports.delivery_reports import ReceivedReport
from dispatch.sending import claims, pauses
from dispatch.sending.channel_watch import SUSPECT_AGAIN_AFTER
from dispatch.sending.recording import BACK_OFF, JITTER, Recorder, Sent
from dispatch.sending.sender import UNREADABLE, Sender, sender_for
from dispatch.upkeep import sweep
from notifications.models import (
    Notification,
    NotificationChannel,
    NotificationStatus,
    StatusFeedEntry,
)
from orders.models import Channel, Creator, Order, OrderStatus
from script.launcher.system.simulators import Simulators
from tests.building import NOON, notification, processed_order
from tests.dispatch.waiting import messages_of

SMS, EMAIL = NotificationChannel.SMS, NotificationChannel.EMAIL
S = NotificationStatus
Cause = ChannelPause.Cause
SECOND = timedelta(seconds=1)

# A drain gives its connection back while it waits, so it cannot run in a test's transaction.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order(ttd: Creator) -> Order:
    return processed_order(ttd, now=timezone.now())


@pytest.fixture
def mail_order(ttd: Creator, settings: LazySettings) -> Order:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    return processed_order(ttd, channel=Channel.EMAIL, now=timezone.now())


def one_to(order: Order, address: str) -> Notification:
    now = timezone.now()
    (row,) = messages_of(order, 1, now=now, address=address, normalized_address=address)
    return row


def drain(channel: NotificationChannel = SMS) -> int | None:
    return sender_for(channel).drain(seconds=20)


def statuses(order: Order) -> Counter[str]:
    return Counter(order.notification_set.values_list("status", flat=True))


def seconds_paused(cause: ChannelPause.Cause) -> float:
    (pause,) = ChannelPause.objects.all()
    assert pause.cause == cause
    return (pause.until - pause.set_at).total_seconds()


# --- One message -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "status"),
    [("+4741030001", S.FAILED_INVALID_RECIPIENT), ("+4741031001", S.FAILED)],
)
def test_a_message_that_the_gateway_refuses_has_failed_and_completes_its_order(
    order: Order, simulators: Simulators, number: str, status: NotificationStatus
) -> None:
    row = one_to(order, number)
    drain()
    row.refresh_from_db()
    assert row.status == status
    assert row.finished_at is not None
    assert "refuses" in row.reason
    assert number[1:] not in row.reason
    order.refresh_from_db()
    assert order.status == OrderStatus.COMPLETED
    assert StatusFeedEntry.objects.get().recipients[0]["status"] == status
    assert not ChannelPause.objects.exists()


def test_after_an_error_of_the_gateway_a_message_is_tried_again_ever_later(
    order: Order, simulators: Simulators, time_machine: TimeMachineFixture
) -> None:
    row = one_to(order, "+4741020001")
    for number, wait in enumerate([*BACK_OFF, BACK_OFF[-1]], start=1):
        before = timezone.now()
        assert drain() == 1
        row.refresh_from_db()
        assert (row.status, row.attempts, row.lease_token) == (S.NEW, number, None)
        latest = timezone.now() + wait * (1 + JITTER)
        assert before + wait <= row.next_attempt_at <= latest
        assert drain() == 0
        time_machine.move_to(row.next_attempt_at)
    attempts = Attempt.objects.filter(notification=row)
    assert {attempt.outcome for attempt in attempts} == {Attempt.Outcome.ERROR}
    assert len(attempts) == len(BACK_OFF) + 1
    assert "500" in attempts[0].reason


def test_a_message_that_got_through_in_the_end_tells_of_no_error(
    order: Order, simulators: Simulators, time_machine: TimeMachineFixture
) -> None:
    row = one_to(order, "+4741023001")  # fails the first time only
    drain()
    time_machine.move_to(timezone.now() + 10 * SECOND)
    drain()
    row.refresh_from_db()
    assert (row.status, row.reason, row.attempts) == (S.ACCEPTED, "", 1)
    assert row.attempt_set.count() == 1


def test_one_bad_message_never_pauses_the_channel_however_often_it_fails(
    order: Order, simulators: Simulators, time_machine: TimeMachineFixture
) -> None:
    row = one_to(order, "+4741020001")
    for _ in range(pauses.ERRORS_THAT_BREAK + 2):
        assert drain() == 1
        row.refresh_from_db()
        time_machine.move_to(row.next_attempt_at)
    assert not ChannelPause.objects.exists()


# --- Nobody knows ----------------------------------------------------------------------------


def test_a_message_of_unknown_fate_is_sent_again_after_two_minutes_once(
    order: Order, simulators: Simulators, time_machine: TimeMachineFixture
) -> None:
    row = one_to(order, "+4741022001")  # the gateway takes it and closes the connection
    time_machine.move_to(timezone.now())
    drain()
    row.refresh_from_db()
    assert (row.status, row.attempts) == (S.NEW, 1)
    waits = row.next_attempt_at - timezone.now()
    assert 119 * SECOND < waits <= 120 * SECOND
    assert drain() == 0

    time_machine.shift(121)
    assert drain() == 1
    row.refresh_from_db()
    assert row.status == S.FAILED
    assert "Nobody knows" in row.reason
    assert row.is_uncertain
    outcomes = row.attempt_set.values_list("outcome", flat=True)
    assert list(outcomes) == [Attempt.Outcome.UNKNOWN] * 2
    assert len(simulators.messages()) == 2
    order.refresh_from_db()
    assert order.status == OrderStatus.COMPLETED


def test_a_message_of_unknown_fate_ends_at_once_where_the_settings_say_so(
    order: Order, simulators: Simulators, settings: LazySettings
) -> None:
    settings.RESEND_AFTER_UNKNOWN_OUTCOME = False
    row = one_to(order, "+4741022001")
    drain()
    row.refresh_from_db()
    assert row.status == S.FAILED
    assert "Nobody knows" in row.reason
    assert len(simulators.messages()) == 1


def test_a_report_finds_an_email_of_unknown_fate_before_it_is_sent_again(
    mail_order: Order, simulators: Simulators, time_machine: TimeMachineFixture
) -> None:
    row = one_to(mail_order, "lost@magic.example")
    drain(EMAIL)
    row.refresh_from_db()
    assert row.status == S.NEW
    (mail,) = simulators.messages()
    reference = mail["reference"].strip("<>")
    report = ReceivedReport(EMAIL, reference, S.DELIVERED, {"event": "delivered"})
    delivery_reports.store(reports=[report], now=timezone.now())
    delivery_reports.apply_due(now=timezone.now())
    row.refresh_from_db()
    assert row.status == S.DELIVERED
    time_machine.move_to(timezone.now() + 200 * SECOND)
    assert drain(EMAIL) == 0
    assert len(simulators.messages()) == 1


def test_a_report_replaces_the_failure_of_an_email_of_which_nobody_knew(
    mail_order: Order, simulators: Simulators, settings: LazySettings
) -> None:
    """Case 18: an outcome that nobody knows is no knowledge."""
    settings.RESEND_AFTER_UNKNOWN_OUTCOME = False
    row = one_to(mail_order, "lost@magic.example")
    drain(EMAIL)
    row.refresh_from_db()
    assert (row.status, row.is_uncertain) == (S.FAILED, True)
    report = ReceivedReport(EMAIL, row.gateway_reference or "", S.DELIVERED, {})
    delivery_reports.store(reports=[report], now=timezone.now())
    delivery_reports.apply_due(now=timezone.now())
    row.refresh_from_db()
    assert (row.status, row.reason, row.is_uncertain) == (S.DELIVERED, "", False)
    entries = StatusFeedEntry.objects.order_by("sequence_number")
    assert [entry.recipients[0]["status"] for entry in entries] == ["Failed", "Delivered"]


@pytest.mark.parametrize("told_by", ["", "mail"])
def test_an_email_whose_report_waits_does_not_end_as_unknown(
    told_by: str, mail_order: Order, simulators: Simulators, time_machine: TimeMachineFixture
) -> None:
    """Ticks may be late: sending goes on while reports wait to be applied."""
    row = one_to(mail_order, "lost@magic.example")
    drain(EMAIL)
    (mail,) = simulators.messages()
    reference = mail["reference"].strip("<>")
    report = ReceivedReport(EMAIL, reference, S.DELIVERED, {}, gateway=told_by)
    delivery_reports.store(reports=[report], now=timezone.now())
    time_machine.move_to(timezone.now() + 200 * SECOND)
    assert drain(EMAIL) == 1
    row.refresh_from_db()
    assert (row.status, row.finished_at) == (S.SUCCEEDED, None)
    delivery_reports.apply_due(now=timezone.now())
    row.refresh_from_db()
    assert row.status == S.DELIVERED


def test_what_another_gateway_tells_under_the_same_reference_says_nothing(
    mail_order: Order, simulators: Simulators, time_machine: TimeMachineFixture
) -> None:
    row = one_to(mail_order, "lost@magic.example")
    drain(EMAIL)
    (mail,) = simulators.messages()
    reference = mail["reference"].strip("<>")
    report = ReceivedReport(EMAIL, reference, S.DELIVERED, {}, gateway="another")
    delivery_reports.store(reports=[report], now=timezone.now())
    time_machine.move_to(timezone.now() + 200 * SECOND)
    assert drain(EMAIL) == 1
    row.refresh_from_db()
    assert (row.status, row.is_uncertain) == (S.FAILED, True)


# --- The channel -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "word"), [("log-on-fails", "log-in"), ("no-credit", "No credits left")]
)
def test_a_gateway_that_refuses_us_pauses_the_channel_and_burns_nothing(
    order: Order,
    simulators: Simulators,
    settings: LazySettings,
    time_machine: TimeMachineFixture,
    fault: str,
    word: str,
) -> None:
    settings.SMS_IN_FLIGHT = 20
    simulators.fault("gateway", fault)
    messages_of(order, 100, now=timezone.now())
    drain()
    assert seconds_paused(Cause.REFUSED) == pauses.REFUSED_FOR.total_seconds()
    assert word in ChannelPause.objects.get().reason
    assert statuses(order) == {S.NEW: 100}
    assert set(order.notification_set.values_list("attempts", "lease_token")) == {(0, None)}
    assert not Attempt.objects.exists()
    # What was in flight at the moment, and no more.
    assert len(simulators.calls("gateway")) <= 20
    assert drain() == 0

    simulators.reset()
    pauses.resume(SMS, now=timezone.now())
    drain()
    # The first to be refused may have been put off: it might have been to blame.
    time_machine.move_to(timezone.now() + SUSPECT_AGAIN_AFTER)
    drain()
    assert statuses(order) == {S.ACCEPTED: 100}


def test_once_a_refusal_has_lasted_a_single_message_probes(
    order: Order, simulators: Simulators, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(timezone.now())
    simulators.fault("gateway", "log-on-fails")
    messages_of(order, 100, now=timezone.now())
    drain()
    calls = len(simulators.calls("gateway"))
    time_machine.shift(pauses.REFUSED_FOR.total_seconds() + 1)
    drain()
    assert len(simulators.calls("gateway")) == calls + 1
    simulators.reset()
    time_machine.shift(pauses.REFUSED_FOR.total_seconds() + 1)
    assert drain() == 100


def test_a_rate_limit_pauses_for_as_long_as_the_gateway_says(
    order: Order, simulators: Simulators, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(timezone.now(), tick=False)
    simulators.fault("gateway", "too-many-requests", times=1)  # Retry-After: 2
    messages_of(order, 1, now=timezone.now())
    drain()
    assert seconds_paused(Cause.RATE_LIMIT) == 2.0
    assert statuses(order) == {S.NEW: 1}
    time_machine.shift(1.999)
    assert drain() == 0
    time_machine.shift(0.001)
    assert drain() == 1
    row = order.notification_set.get()
    assert (row.status, row.attempts) == (S.ACCEPTED, 0)


def test_the_longest_of_several_rate_limits_counts(order: Order, simulators: Simulators) -> None:
    now = timezone.now()
    rows = messages_of(order, 3, now=now)
    claimed = {one.message.notification_id: one for one in claims.claim(SMS, limit=3, now=now)}
    limits = [Outcome.rate_limited("Slower.", retry_after=after) for after in (5, 60, 1)]
    sent = [Sent(claimed[row.pk], limit) for row, limit in zip(rows, limits, strict=True)]
    Recorder(ways_out(SMS)).record(sent, now=now)
    assert seconds_paused(Cause.RATE_LIMIT) == 60


def test_twenty_errors_in_a_row_break_the_channel_and_one_probe_mends_it(
    order: Order, simulators: Simulators, settings: LazySettings, time_machine: TimeMachineFixture
) -> None:
    settings.SMS_IN_FLIGHT = 20
    time_machine.move_to(timezone.now())
    simulators.fault("gateway", "error500")
    messages_of(order, 100, now=timezone.now())
    drain()
    assert seconds_paused(Cause.BREAKER) == 30
    calls = len(simulators.calls("gateway"))
    assert 20 <= calls < 40
    time_machine.shift(29)
    assert drain() == 0

    # A probe's message may be to blame itself, so another one follows.
    time_machine.shift(2)
    assert sum(drain() or 0 for _ in range(3)) == 2
    assert len(simulators.calls("gateway")) == calls + 2
    assert seconds_paused(Cause.BREAKER) >= 30

    simulators.reset()
    time_machine.shift(60)
    assert drain() == 100
    assert not ChannelPause.objects.exists()
    assert statuses(order) == {S.ACCEPTED: 100}


def test_a_success_between_errors_keeps_the_channel_going(
    order: Order, simulators: Simulators, settings: LazySettings
) -> None:
    settings.SMS_IN_FLIGHT = 1
    for number in range(2 * pauses.ERRORS_THAT_BREAK):
        one_to(order, f"+474102000{number % 10}" if number % 10 else "+4799000000")
    assert drain() == 2 * pauses.ERRORS_THAT_BREAK
    assert not ChannelPause.objects.exists()


def test_a_person_stops_a_channel_and_it_goes_on_when_the_time_has_come(
    order: Order, simulators: Simulators, time_machine: TimeMachineFixture
) -> None:
    now = timezone.now()
    time_machine.move_to(now)
    until = now + timedelta(hours=1)
    pauses.pause(SMS, Cause.PERSON, until=until, reason="Maintenance.", now=now, set_by="kari")
    messages_of(order, 30, now=now)
    assert drain() == 0
    time_machine.move_to(until)
    assert drain() == 30


def test_a_probe_is_not_used_up_while_there_is_nothing_to_send(
    order: Order, simulators: Simulators
) -> None:
    now = timezone.now()
    pauses.pause(SMS, Cause.BREAKER, until=now - SECOND, reason="Trouble.", now=now)
    assert drain() == 0
    messages_of(order, 1, now=now)
    assert drain() == 1
    assert not ChannelPause.objects.exists()


def test_trouble_of_one_channel_leaves_the_other_alone(
    order: Order, mail_order: Order, simulators: Simulators
) -> None:
    simulators.fault("gateway", "log-on-fails")
    messages_of(order, 5, now=timezone.now())
    messages_of(mail_order, 5, now=timezone.now())
    drain()
    drain(EMAIL)
    assert statuses(order) == {S.NEW: 5}
    assert statuses(mail_order) == {S.SUCCEEDED: 5}


# --- Whose message it is ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome.accepted(S.ACCEPTED, reference="late-1"),
        Outcome.failed("Refused."),
        Outcome.retry("Later."),
        Outcome.unknown("Lost.", reference="late-2"),
        None,
    ],
    ids=lambda outcome: outcome.kind.name if outcome else "HELD_BACK",
)
def test_a_worker_that_lost_its_lease_writes_nothing_and_the_new_holders_result_stands(
    order: Order, simulators: Simulators, outcome: Outcome | None
) -> None:
    row = notification(order)
    recorder = Recorder(ways_out(SMS))
    (slow,) = claims.claim(SMS, limit=1, now=NOON)
    late = NOON + claims.LEASE + SECOND
    sweep.return_lapsed(now=late)
    (quick,) = claims.claim(SMS, limit=1, now=late)
    attempts = row.attempt_set.count()

    recorder.record([Sent(slow, outcome)], now=late)
    row.refresh_from_db()
    assert (row.status, row.lease_token) == (S.SENDING, quick.lease_token)
    assert (row.gateway_reference, row.attempts) == (None, 1)
    assert row.attempt_set.count() == attempts

    accepted = Outcome.accepted(S.ACCEPTED, reference="right")
    recorder.record([Sent(quick, accepted)], now=late)
    recorder.record([Sent(slow, outcome)], now=late)
    row.refresh_from_db()
    assert (row.status, row.gateway_reference) == (S.ACCEPTED, "right")


def test_recording_the_same_twice_changes_nothing(order: Order, simulators: Simulators) -> None:
    """As happens when the database goes away between the commit and its confirmation."""
    rows = messages_of(order, 3, now=NOON)
    claimed = {one.message.notification_id: one for one in claims.claim(SMS, limit=3, now=NOON)}
    outcomes = [
        Outcome.accepted(S.ACCEPTED, reference="a"),
        Outcome.failed("Refused."),
        Outcome.retry("Later."),
    ]
    sent = [Sent(claimed[row.pk], outcome) for row, outcome in zip(rows, outcomes, strict=True)]
    recorder = Recorder(ways_out(SMS))
    recorder.record(sent, now=NOON)
    before = list(Notification.objects.order_by("pk").values())
    recorder.record(sent, now=NOON + SECOND)
    assert list(Notification.objects.order_by("pk").values()) == before
    assert Attempt.objects.count() == 2


# --- E-mail ----------------------------------------------------------------------------------


def test_an_email_stays_open_until_its_delivery_event_where_events_come(
    mail_order: Order, simulators: Simulators
) -> None:
    rows = messages_of(mail_order, 20, now=timezone.now())
    assert drain(EMAIL) == 20
    assert statuses(mail_order) == {S.SUCCEEDED: 20}
    mail_order.refresh_from_db()
    assert mail_order.status == OrderStatus.PROCESSED
    reports = [
        ReceivedReport(EMAIL, mail["reference"].strip("<>"), S.DELIVERED, {})
        for mail in simulators.messages()
    ]
    assert len(reports) == len(rows)
    delivery_reports.store(reports=reports, now=timezone.now())
    delivery_reports.apply_due(now=timezone.now())
    assert statuses(mail_order) == {S.DELIVERED: 20}
    mail_order.refresh_from_db()
    assert mail_order.status == OrderStatus.COMPLETED


def test_an_email_is_finished_once_sent_where_no_events_come(
    mail_order: Order, simulators: Simulators, settings: LazySettings
) -> None:
    settings.EMAIL_REPORTS_FROM = ""
    messages_of(mail_order, 3, now=timezone.now())
    assert drain(EMAIL) == 3
    for row in mail_order.notification_set.all():
        assert row.status == S.SUCCEEDED
        assert row.finished_at is not None
        assert row.expires_at is None
    mail_order.refresh_from_db()
    assert mail_order.status == OrderStatus.COMPLETED
    assert len(StatusFeedEntry.objects.get().recipients) == 3


class SaysWhatCannotBeStored:
    """A transport whose gateway has a reference for the first message that no text column holds."""

    channel = SMS
    reports_delivery = True
    max_in_flight = 10
    max_send = 1.0

    def __init__(self, odd: str) -> None:
        self.sent = 0
        self.odd = odd

    async def send(self, message: Message) -> Outcome:
        self.sent += 1
        reference = self.odd if self.sent == 1 else f"good-{self.sent}"
        return Outcome.accepted(S.ACCEPTED, reference=reference)


@pytest.mark.parametrize("odd", ["\x00", "\ud800"])
def test_an_outcome_that_cannot_be_written_costs_its_neighbours_nothing(
    order: Order, odd: str
) -> None:
    messages_of(order, 5, now=timezone.now())
    transport = SaysWhatCannotBeStored(odd)
    assert Sender(WaysOut(WayOut("", transport))).drain(seconds=5) == 5
    assert transport.sent == 5, "nothing is sent again for it"
    assert statuses(order) == {S.ACCEPTED: 5}
    assert Notification.objects.filter(gateway_reference__startswith="good-").count() == 4
    assert Notification.objects.get(reason=UNREADABLE).gateway_reference is None
