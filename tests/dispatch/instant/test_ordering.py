"""An instant message is sent once, and what its sender is told is what became of it."""

from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections, transaction
from django.utils import timezone
from time_machine import TimeMachineFixture

from dispatch.instant import ordering
from dispatch.instant.ordering import Answer
from dispatch.instant.placing import place
from dispatch.instant.recording import InstantRecorder
from dispatch.instant.sender import InstantSender, NotSent
from dispatch.models import Attempt, ChannelPause
from dispatch.sending import claims, pauses
from dispatch.sending.sender import sender_for
from dispatch.upkeep import sweep
from notifications.expiry import GRACE, LIFETIME
from notifications.models import (
    Notification,
    NotificationChannel,
    NotificationStatus,
    StatusFeedEntry,
)
from orders import holding
from orders.models import Creator, Order, OrderChain, OrderStatus
from orders.requests import ChainReceipt, InstantOrderRequest
from recipients.models import Recipient
from script.launcher.system.simulators import Simulators
from tests.dispatch.instant.conftest import (
    LOG_IN_REFUSED,
    TAKEN,
    TTL,
    MakeGateway,
    letter,
    password,
)

SMS, EMAIL = NotificationChannel.SMS, NotificationChannel.EMAIL
S = NotificationStatus
TIMEOUT = 30.0

# Each message is recorded in a thread of its own, so nothing of this can run in a transaction.
pytestmark = pytest.mark.django_db(transaction=True)


def deliver(request: InstantOrderRequest, creator: Creator) -> Answer:
    return ordering.deliver(request, creator=creator, now=timezone.now())


def told(answer: Answer) -> ChainReceipt:
    return answer.result(TIMEOUT) if isinstance(answer, Future) else answer


def sent(request: InstantOrderRequest, creator: Creator) -> ChainReceipt:
    return told(deliver(request, creator))


def nothing_is_stored() -> bool:
    tables = (OrderChain, Order, Recipient, Notification, Attempt)
    return not any(table.objects.exists() for table in tables)


# --- What is known ---------------------------------------------------------------------------


def test_what_the_gateway_has_taken_is_accepted_before_its_sender_hears_of_it(
    ttd: Creator, simulators: Simulators
) -> None:
    receipt = sent(password(), ttd)
    row = Notification.objects.get()
    assert row.status == S.ACCEPTED
    assert row.gateway_reference
    [message] = simulators.messages(to="+4799999999")
    assert message["text"] == "1234"
    order = Order.objects.get()
    assert (order.pk, order.senders_reference) == receipt.shipments[0]
    assert (order.type, order.status, order.chain_id) == ("Instant", "Processed", receipt.chain_id)
    assert order.requested_send_time == order.created == row.created
    assert Recipient.objects.get().mobile_number == "+4799999999"
    chain = OrderChain.objects.get()
    assert (chain.kind, chain.idempotency_id, chain.creator) == ("Instant", "login-1", ttd)
    assert receipt.is_new


def test_the_time_to_live_is_the_expiry_and_goes_to_the_gateway(
    ttd: Creator, gateway: MakeGateway
) -> None:
    running = gateway(TAKEN)
    running.go_on.set()
    sent(password(ttl=timedelta(seconds=190)), ttd)
    row = Notification.objects.get()
    assert row.expires_at == row.created + timedelta(seconds=190)
    [request] = running.requests
    assert b"<TTL>3</TTL>" in request


def test_an_email_leaves_at_once_as_well(ttd: Creator, simulators: Simulators) -> None:
    sent(letter(), ttd)
    row = Notification.objects.get()
    assert (row.status, row.policy) == (S.SUCCEEDED, "Anytime")
    assert row.expires_at is not None
    assert row.expires_at - row.created <= LIFETIME + timedelta(hours=1)
    [message] = simulators.messages(to="kari@example.com")
    assert message["subject"] == "Kode"


def test_the_send_window_does_not_matter(
    ttd: Creator, simulators: Simulators, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to("2026-03-02T02:00:00Z")
    sent(password(), ttd)
    assert Notification.objects.get().status == S.ACCEPTED


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (password(to="+4741030001"), S.FAILED_INVALID_RECIPIENT),
        (password(to="+4741031001"), S.FAILED),
        (letter(to="unknown-user@magic.example"), S.FAILED_BOUNCED),
    ],
    ids=["no receiver", "blocked", "no such user"],
)
def test_what_the_gateway_refuses_has_failed_and_completes_its_order(
    ttd: Creator, simulators: Simulators, request_: InstantOrderRequest, status: NotificationStatus
) -> None:
    receipt = sent(request_, ttd)
    assert Notification.objects.get().status == status
    assert Order.objects.get(pk=receipt.shipments[0].id).status == OrderStatus.COMPLETED
    assert StatusFeedEntry.objects.get().recipients[0]["status"] == status


@pytest.mark.parametrize(
    "request_",
    [password(to="+4741020001"), password(to="+4741032001"), letter(to="busy@magic.example")],
    ids=["error of the gateway", "no credit", "try again later"],
)
def test_what_was_certainly_not_taken_leaves_nothing_and_its_id_is_free(
    ttd: Creator, simulators: Simulators, request_: InstantOrderRequest
) -> None:
    with pytest.raises(NotSent):
        sent(request_, ttd)
    assert nothing_is_stored()
    other = letter() if request_.order.email else password()
    assert sent(other, ttd).is_new


def test_a_gateway_that_is_not_there_has_certainly_taken_nothing(
    ttd: Creator, settings: LazySettings
) -> None:
    settings.SMS_GATEWAY_URL = "http://127.0.0.1:1/"
    with pytest.raises(NotSent, match="cannot be reached"):
        sent(password(), ttd)
    assert nothing_is_stored()


# --- Nobody knows ----------------------------------------------------------------------------


def test_a_message_of_unknown_fate_is_never_sent_again_and_waits_until_it_expires(
    ttd: Creator, simulators: Simulators, time_machine: TimeMachineFixture
) -> None:
    request = password(to="+4741022001")  # the gateway takes it and closes the connection
    first = sent(request, ttd)
    row = Notification.objects.get()
    assert (row.status, row.attempt_set.get().outcome) == (S.SENDING, Attempt.Outcome.UNKNOWN)
    again = sent(request, ttd)
    assert (again.chain_id, again.is_new) == (first.chain_id, False)

    for later in (timedelta(minutes=3), TTL + GRACE - timedelta(seconds=2)):
        time_machine.move_to(row.created + later)
        sweep.sweep(now=timezone.now())
        assert sender_for(SMS).drain(seconds=1) == 0
        assert Notification.objects.get().status == S.SENDING
    time_machine.move_to(row.created + TTL + GRACE + timedelta(seconds=2))
    sweep.sweep(now=timezone.now())
    ended = Notification.objects.get()
    assert (ended.status, ended.reason) == (S.FAILED_TTL, sweep.NOBODY_KNOWS)
    assert Order.objects.get().status == OrderStatus.COMPLETED
    assert len(simulators.messages()) == 1


def test_the_message_of_a_process_that_died_waits_for_a_report_and_says_why(
    ttd: Creator, time_machine: TimeMachineFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(InstantSender, "_begin", lambda self, placed: Future())
    deliver(password(), ttd)
    row = Notification.objects.get()
    assert row.lease_until is not None
    waits = ordering.earlier(creator=ttd, idempotency_id="login-1", now=timezone.now())
    assert isinstance(waits, Future)

    time_machine.move_to(row.lease_until + timedelta(seconds=1))
    assert waits.result(TIMEOUT).is_new is False
    sweep.sweep(now=timezone.now())
    sweep.sweep(now=timezone.now())
    row.refresh_from_db()
    attempt = row.attempt_set.get()
    assert (row.status, attempt.outcome) == (S.SENDING, Attempt.Outcome.LEASE_LOST)
    assert attempt.reason == sweep.INSTANT_LOST
    assert claims.claim(SMS, limit=10, now=timezone.now()) == []
    assert row.expires_at is not None
    time_machine.move_to(row.expires_at + GRACE + timedelta(seconds=1))
    sweep.sweep(now=timezone.now())
    assert Notification.objects.get().status == S.FAILED_TTL


def test_what_expired_while_nobody_could_write_is_left_to_its_sender_for_a_while(
    ttd: Creator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be alive, with the gateway's answer in its hands."""
    monkeypatch.setattr(InstantSender, "_begin", lambda self, placed: Future())
    deliver(password(), ttd)
    placed_at = Notification.objects.get().created
    back = placed_at + TTL + GRACE + timedelta(seconds=10)
    for now in (placed_at, back, back + sweep.AFTER_RESTART - timedelta(seconds=1)):
        sweep.sweep(now=now)
        assert Notification.objects.get().status == S.SENDING
    sweep.sweep(now=back + sweep.AFTER_RESTART + timedelta(seconds=1))
    row = Notification.objects.get()
    assert (row.status, row.attempt_set.get().outcome) == (
        S.FAILED_TTL,
        Attempt.Outcome.LEASE_LOST,
    )


def test_the_drain_takes_no_instant_message_while_it_is_sent(
    ttd: Creator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(InstantSender, "_begin", lambda self, placed: Future())
    deliver(password(), ttd)
    assert claims.claim(SMS, limit=10, now=timezone.now()) == []
    assert sweep.sweep(now=timezone.now()).lapsed == 0


def test_a_message_is_claimed_as_it_is_placed(ttd: Creator) -> None:
    """What leaves after a pause began tells whether that is over."""
    now, lease = timezone.now(), timedelta(seconds=45)
    with transaction.atomic():
        placed = place(password(), creator=ttd, lease=lease, now=now)
    assert placed is not None
    assert placed.claimed.claimed_at == now


# --- Asked for more than once ----------------------------------------------------------------


def test_equal_requests_at_once_send_one_message_and_are_answered_alike(
    ttd: Creator, gateway: MakeGateway
) -> None:
    running = gateway(TAKEN)
    answers = [deliver(password(), ttd) for _ in range(10)]
    assert all(isinstance(answer, Future) and not answer.done() for answer in answers)
    running.go_on.set()
    receipts = [told(answer) for answer in answers]
    assert len({receipt.chain_id for receipt in receipts}) == 1
    assert [receipt.is_new for receipt in receipts] == [True, *[False] * 9]
    assert len(running.requests) == 1


def test_who_waits_for_a_message_that_was_not_sent_is_told_so(
    ttd: Creator, gateway: MakeGateway
) -> None:
    running = gateway(LOG_IN_REFUSED)
    answers = [deliver(password(), ttd) for _ in range(3)]
    running.go_on.set()
    for answer in answers:
        with pytest.raises(NotSent):
            told(answer)
    assert nothing_is_stored()


def test_another_creator_may_use_the_same_id(
    ttd: Creator, skd: Creator, simulators: Simulators
) -> None:
    assert sent(password(), ttd).chain_id != sent(password(), skd).chain_id
    assert len(simulators.messages()) == 2


def test_a_repeat_is_answered_like_the_first_request_whatever_it_says(
    ttd: Creator, simulators: Simulators
) -> None:
    first = sent(password(), ttd)
    again = sent(letter(), ttd)
    assert (again.chain_id, again.shipments) == (first.chain_id, first.shipments)
    assert len(simulators.messages()) == 1


# --- Trouble of the channel ------------------------------------------------------------------


@pytest.mark.parametrize("cause", list(ChannelPause.Cause))
def test_while_the_channel_is_paused_nothing_is_sent_or_stored(
    ttd: Creator, simulators: Simulators, cause: ChannelPause.Cause
) -> None:
    now = timezone.now()
    pauses.pause(SMS, cause, until=now + timedelta(minutes=5), reason="Trouble.", now=now)
    with pytest.raises(NotSent):
        sent(password(), ttd)
    assert nothing_is_stored()
    assert simulators.messages() == []
    pauses.resume(SMS, now=timezone.now())
    assert sent(password(), ttd).is_new


def test_a_pause_that_one_creators_messages_alone_brought_about_holds_back_no_others(
    ttd: Creator, skd: Creator, simulators: Simulators
) -> None:
    """Also where a worker has found it out."""
    now = timezone.now()
    cause, until = ChannelPause.Cause.BREAKER, now + timedelta(minutes=5)
    pauses.pause(SMS, cause, until=until, reason="Errors.", now=now, blamed="skd")
    with pytest.raises(NotSent):
        sent(password(), skd)
    assert sent(password(), ttd).is_new
    # It got through, so there is no trouble.
    assert not ChannelPause.objects.exists()
    assert sent(password(), skd).is_new


def test_of_an_owner_whose_new_orders_are_held_nothing_is_sent_or_stored(
    ttd: Creator, skd: Creator, simulators: Simulators
) -> None:
    now = timezone.now()
    pauses.pause(SMS, ChannelPause.Cause.BREAKER, until=now, reason="Errors.", now=now)
    holding.hold_new_orders(ttd, now=now)
    with pytest.raises(NotSent):
        sent(password(), ttd)
    assert nothing_is_stored()
    # Nor was the probe of a pause used up.
    assert sent(password(), skd).is_new
    holding.release_new_orders(ttd)
    assert sent(password(), ttd).is_new
    assert len(simulators.messages()) == 2


def test_what_stands_is_answered_while_the_channel_is_paused(
    ttd: Creator, simulators: Simulators
) -> None:
    first = sent(password(), ttd)
    now = timezone.now()
    pauses.pause(
        SMS, ChannelPause.Cause.PERSON, until=now + timedelta(days=1), reason="Wait.", now=now
    )
    assert sent(password(), ttd).chain_id == first.chain_id


def test_the_first_instant_message_after_a_pause_for_trouble_is_the_probe(
    ttd: Creator, gateway: MakeGateway
) -> None:
    running = gateway(TAKEN)
    now = timezone.now()
    pauses.pause(SMS, ChannelPause.Cause.BREAKER, until=now, reason="Errors.", now=now)
    probe = deliver(password("probe"), ttd)
    with pytest.raises(NotSent):
        deliver(password("too early"), ttd)
    running.go_on.set()
    assert told(probe).is_new
    assert not ChannelPause.objects.exists()
    assert sent(password("after"), ttd).is_new


def test_a_repeat_gives_the_probe_back(ttd: Creator, simulators: Simulators) -> None:
    sent(password(), ttd)
    now = timezone.now()
    pauses.pause(SMS, ChannelPause.Cause.BREAKER, until=now, reason="Errors.", now=now)
    assert sent(password(), ttd).is_new is False
    assert pauses.take_probe(SMS, now=timezone.now())


def test_errors_in_a_row_pause_the_channel_for_instant_messages_too(
    ttd: Creator, simulators: Simulators
) -> None:
    simulators.fault("gateway", "error500")
    for number in range(pauses.ERRORS_THAT_BREAK):
        with pytest.raises(NotSent):
            sent(password(f"login-{number}", to=f"+479999{number:04}"), ttd)
    assert ChannelPause.objects.get().cause == ChannelPause.Cause.BREAKER
    assert nothing_is_stored()


def test_who_finds_no_room_in_time_is_told_so_and_blames_nobody(
    ttd: Creator,
    gateway: MakeGateway,
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dispatch.instant.sender.ROOM_WITHIN", 0.2)
    settings.SMS_IN_FLIGHT = 1
    running = gateway(TAKEN)
    hanging = deliver(password("hanging"), ttd)
    with pytest.raises(NotSent, match="no time left"):
        sent(password("no room"), ttd)
    assert isinstance(hanging, Future)
    assert not hanging.done()
    running.go_on.set()
    assert told(hanging).is_new
    assert Order.objects.count() == 1
    assert not ChannelPause.objects.exists()


# --- The database ----------------------------------------------------------------------------


def away(times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first tries to record find the database away."""
    settle, tries = InstantRecorder.settle, []

    def away_at_first(self: InstantRecorder, sent: Any, **kwargs: Any) -> Any:
        tries.append(sent)
        if len(tries) <= times:
            raise OperationalError("away")
        return settle(self, sent, **kwargs)

    monkeypatch.setattr(InstantRecorder, "settle", away_at_first)


def test_a_database_that_is_soon_back_is_waited_for(
    ttd: Creator, simulators: Simulators, monkeypatch: pytest.MonkeyPatch
) -> None:
    away(1, monkeypatch)
    assert sent(password(), ttd).is_new
    assert Notification.objects.get().status == S.ACCEPTED
    assert len(simulators.messages()) == 1


@pytest.mark.parametrize("to", ["+4799999999", "+4741030001"], ids=["taken", "refused"])
def test_what_the_gateway_has_had_is_answered_while_the_database_is_away_and_recorded_later(
    ttd: Creator, simulators: Simulators, monkeypatch: pytest.MonkeyPatch, to: str
) -> None:
    """Its order stands: to say that it does not would have it sent again under another id."""
    monkeypatch.setattr("dispatch.instant.sender.TELL_AFTER", 0.0)
    away(2, monkeypatch)
    assert sent(password(to=to), ttd).is_new
    again = ordering.earlier(creator=ttd, idempotency_id="login-1", now=timezone.now())
    assert again is not None
    assert told(again).is_new is False
    assert Notification.objects.get().status != S.SENDING


def test_what_was_not_sent_while_the_database_is_away_is_withdrawn_when_it_is_back(
    ttd: Creator, simulators: Simulators, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dispatch.instant.sender.TELL_AFTER", 0.0)
    away(2, monkeypatch)
    with pytest.raises(OperationalError):
        sent(password(to="+4741020001"), ttd)
    assert_is_withdrawn(ttd)


def test_an_order_whose_commit_fails_is_withdrawn_if_it_was_stored_all_the_same(
    ttd: Creator, simulators: Simulators, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody sends it: who is told that it could not be stored may send the request again."""
    wrapper: Any = type(connections[DEFAULT_DB_ALIAS])
    commit, commits = wrapper._commit, []

    def lose_the_first_answer(self: Any) -> None:
        commit(self)
        commits.append(self)
        if len(commits) == 1:
            raise OperationalError("away")

    monkeypatch.setattr(wrapper, "_commit", lose_the_first_answer)
    with pytest.raises(OperationalError):
        deliver(password(), ttd)
    assert_is_withdrawn(ttd)
    assert simulators.messages() == []
    assert sent(password(), ttd).is_new


def assert_is_withdrawn(creator: Creator) -> None:
    """Who asks meanwhile waits, and is told so."""
    waits = ordering.earlier(creator=creator, idempotency_id="login-1", now=timezone.now())
    if waits is not None:
        with pytest.raises(NotSent):
            told(waits)
    assert nothing_is_stored()


@pytest.mark.parametrize("odd", ["\0", "\ud800"])
def test_words_of_a_gateway_that_cannot_be_stored_cost_only_the_words(
    ttd: Creator, simulators: Simulators, monkeypatch: pytest.MonkeyPatch, odd: str
) -> None:
    reference = InstantRecorder._result_of

    def with_odd_words(self: InstantRecorder, one: object) -> object:
        result = reference(self, one)  # type: ignore[arg-type]
        if one.outcome.reference:  # type: ignore[attr-defined]
            return replace(result, gateway_reference=odd)
        return result

    monkeypatch.setattr(InstantRecorder, "_result_of", with_odd_words)
    assert sent(password(), ttd).is_new
    row = Notification.objects.get()
    assert (row.status, row.gateway_reference) == (S.ACCEPTED, None)
