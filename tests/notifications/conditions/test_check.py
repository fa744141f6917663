"""A sender's endpoint says whether a due order should still be sent."""

import time
from asyncio import sleep
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import Settings

from notifications.conditions import check, client
from notifications.conditions.check import Inquiry
from notifications.expansion.claims import LEASE, MAX_ASKED_OF_CREATOR, claim_for_condition
from notifications.expansion.expand import process_past_due_orders
from notifications.models import Notification, StatusFeedEntry
from orders.models import Channel, Creator, Order
from script.launcher.system.simulators import Simulators
from tests.building import NOON, mobiles, order
from tests.notifications.conftest import TIMEOUT, Worker, check_send_conditions, wait_until
from tests.recipients.local_server import Call, LocalServer, never

MINUTE = timedelta(minutes=1)
MAX_LEASE = LEASE + timedelta(seconds=30)
ERROR = "The condition endpoint answered with status 500."


def conditional(creator: Creator, simulators: Simulators, answer: str, **fields: Any) -> Order:
    """An order with an endpoint of its own that answers like that."""
    endpoint = f"{simulators.url}/condition/{answer}?order={uuid4()}"
    return order(creator, Channel.SMS, mobiles(2), condition_endpoint=endpoint, **fields)


def tick(*, now: datetime) -> None:
    check_send_conditions(now=now)
    process_past_due_orders(now=now)


def asked(simulators: Simulators, of: Order) -> int:
    return sum(
        (of.condition_endpoint or "").endswith(call["about"])
        for call in simulators.calls("condition")
    )


def messages(of: Order) -> int:
    return Notification.objects.filter(order=of).count()


def test_an_order_goes_on_when_its_condition_is_met(ttd: Creator, simulators: Simulators) -> None:
    placed = conditional(ttd, simulators, "true")
    tick(now=NOON)
    placed.refresh_from_db()
    assert (placed.status, messages(placed)) == ("Processed", 2)
    assert (placed.condition_met, placed.condition_note) == (True, "")
    assert placed.condition_asked_at == NOON


def test_an_order_ends_when_its_condition_is_not_met(ttd: Creator, simulators: Simulators) -> None:
    placed = conditional(ttd, simulators, "false")
    tick(now=NOON + MINUTE)
    placed.refresh_from_db()
    assert (placed.status, placed.status_at) == ("SendConditionNotMet", NOON + MINUTE)
    assert (placed.condition_met, placed.condition_note) == (False, "")
    assert messages(placed) == 0
    entry = StatusFeedEntry.objects.get()
    assert (entry.order, entry.status, entry.recipients) == (placed, "SendConditionNotMet", [])
    tick(now=NOON + timedelta(days=1))
    assert messages(placed) == 0
    assert asked(simulators, placed) == 1


def test_an_order_is_not_expanded_before_its_endpoint_has_answered(
    ttd: Creator, simulators: Simulators
) -> None:
    placed = conditional(ttd, simulators, "true")
    process_past_due_orders(now=NOON)
    assert messages(placed) == 0


def test_an_endpoint_is_not_asked_before_the_order_is_due(
    ttd: Creator, simulators: Simulators
) -> None:
    placed = conditional(ttd, simulators, "true", requested_send_time=NOON + MINUTE)
    tick(now=NOON)
    assert asked(simulators, placed) == 0
    tick(now=NOON + MINUTE)
    assert asked(simulators, placed) == 1
    assert messages(placed) == 2


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        ("error", ERROR),
        ("garbage", "The condition endpoint's answer is not JSON."),
        (
            "wrong-case",
            "The condition endpoint's answer has no sendNotification of true or false.",
        ),
        ("empty", "The condition endpoint's answer is not JSON."),
    ],
)
def test_in_doubt_the_endpoint_is_asked_again_after_a_minute_and_then_the_order_goes_on(
    ttd: Creator, simulators: Simulators, answer: str, note: str
) -> None:
    placed = conditional(ttd, simulators, answer)
    tick(now=NOON)
    placed.refresh_from_db()
    assert (placed.status, placed.next_attempt_at) == ("Processing", NOON + MINUTE)
    assert (placed.condition_met, placed.condition_note) == (None, note)
    tick(now=NOON + MINUTE - timedelta(microseconds=1))
    assert asked(simulators, placed) == 1
    tick(now=NOON + MINUTE)
    placed.refresh_from_db()
    assert asked(simulators, placed) == 2
    assert (placed.status, messages(placed)) == ("Processed", 2)
    assert (placed.condition_met, placed.condition_note) == (None, note)


def test_in_doubt_an_order_ends_where_that_is_the_setting(
    ttd: Creator, simulators: Simulators, settings: Settings
) -> None:
    settings.SEND_CONDITION_FAIL_OPEN = False
    placed = conditional(ttd, simulators, "error")
    tick(now=NOON)
    tick(now=NOON + MINUTE)
    placed.refresh_from_db()
    assert (placed.status, messages(placed)) == ("SendConditionNotMet", 0)
    assert (placed.condition_met, placed.condition_note) == (None, ERROR)
    assert StatusFeedEntry.objects.get().recipients == []


def test_the_second_answer_counts(ttd: Creator, simulators: Simulators) -> None:
    goes = conditional(ttd, simulators, "flaky")
    stops = conditional(ttd, simulators, "error")
    tick(now=NOON)
    Order.objects.filter(pk=stops.pk).update(condition_endpoint=f"{simulators.url}/condition/false")
    tick(now=NOON + MINUTE)
    goes.refresh_from_db()
    stops.refresh_from_db()
    assert (goes.status, goes.condition_met, goes.condition_note) == ("Processed", True, "")
    assert (stops.status, stops.condition_met) == ("SendConditionNotMet", False)


def test_an_answer_is_stored_and_never_asked_for_again(
    ttd: Creator, simulators: Simulators
) -> None:
    placed = conditional(ttd, simulators, "true")
    check_send_conditions(now=NOON)
    for minute in range(1, 5):
        check_send_conditions(now=NOON + minute * MINUTE)
    assert asked(simulators, placed) == 1
    process_past_due_orders(now=NOON + 5 * MINUTE)
    assert messages(placed) == 2


@pytest.mark.parametrize("fail_open", [True, False])
def test_a_blocked_endpoint_is_in_doubt_without_being_called(
    ttd: Creator, simulators: Simulators, settings: Settings, fail_open: bool
) -> None:
    settings.SEND_CONDITION_ALLOWED_HOSTS = []
    settings.SEND_CONDITION_FAIL_OPEN = fail_open
    placed = conditional(ttd, simulators, "true")
    tick(now=NOON)
    placed.refresh_from_db()
    assert placed.status == ("Processed" if fail_open else "SendConditionNotMet")
    assert placed.condition_note == ("The condition endpoint's host is not on the public internet.")
    assert placed.condition_met is None
    assert asked(simulators, placed) == 0


def test_each_order_of_a_turn_gets_its_own_answer(ttd: Creator, simulators: Simulators) -> None:
    wanted = {"true": "Processed", "false": "SendConditionNotMet", "error": "Processing"}
    orders = [(answer, conditional(ttd, simulators, answer)) for answer in wanted for _ in range(3)]
    assert check_send_conditions(now=NOON) == 9
    process_past_due_orders(now=NOON)
    for answer, placed in orders:
        placed.refresh_from_db()
        assert placed.status == wanted[answer]
    assert StatusFeedEntry.objects.count() == 3


def test_conditions_delay_no_other_order(ttd: Creator, simulators: Simulators) -> None:
    """Their endpoints are asked in a turn of its own, which may take its time."""
    waiting = [conditional(ttd, simulators, "true") for _ in range(5)]
    claim_for_condition(now=NOON, limit=10)  # by a worker that is still waiting for the answers
    plain = order(ttd, Channel.SMS, mobiles(1))
    assert process_past_due_orders(now=NOON) == 1
    assert messages(plain) == 1
    assert not any(messages(placed) for placed in waiting)


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_lost_its_lease_does_not_write_the_answer(
    ttd: Creator, simulators: Simulators
) -> None:
    endpoint = f"{simulators.url}/condition/slow?seconds=1"
    placed = order(ttd, Channel.SMS, mobiles(1), condition_endpoint=endpoint)
    slow = Worker(lambda: check_send_conditions(now=NOON))
    wait_until(lambda: Order.objects.get(pk=placed.pk).lease_token is not None)
    held = claim_for_condition(now=NOON + MAX_LEASE, limit=1)
    assert slow.result() == 1
    placed.refresh_from_db()
    assert placed.lease_token == held.token
    assert (placed.awaits_condition, placed.condition_asked_at) == (True, None)


def test_an_order_whose_workers_keep_dying_while_they_ask_is_in_doubt(
    ttd: Creator, simulators: Simulators
) -> None:
    placed = conditional(ttd, simulators, "true")
    now = NOON
    for _ in range(5):
        assert len(claim_for_condition(now=now, limit=1).orders) == 1
        now += MAX_LEASE
    tick(now=now)
    placed.refresh_from_db()
    assert asked(simulators, placed) == 0
    assert (placed.status, messages(placed)) == ("Processed", 2)
    assert placed.condition_note == (
        "Asking the condition endpoint was never finished, over and over."
    )


def test_not_too_many_endpoints_are_asked_at_once(
    ttd: Creator,
    simulators: Simulators,
    endpoint: LocalServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(check, "MAX_ASKED", 20)

    async def think(_call: Call) -> object:
        await sleep(0.1)
        return {"sendNotification": True}

    endpoint.answer("/", think)
    for number in range(50):
        order(ttd, Channel.SMS, mobiles(1), condition_endpoint=f"{endpoint.url}/?order={number}")
    assert check_send_conditions(now=NOON) == 50
    assert 10 < endpoint.most_at_once <= 20


@pytest.mark.django_db(transaction=True)
def test_case_a29_silent_endpoints_of_one_creator_keep_no_other_creator_waiting(
    ttd: Creator,
    skd: Creator,
    simulators: Simulators,
    endpoint: LocalServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each answer goes on when it is there, and nobody takes all the places."""
    monkeypatch.setattr(client, "MAX_CALL", timedelta(seconds=5))
    endpoint.answer("/", never)
    for number in range(3 * MAX_ASKED_OF_CREATOR):
        order(ttd, Channel.SMS, mobiles(1), condition_endpoint=f"{endpoint.url}/?order={number}")
    inquiry = Inquiry()
    asking = Worker(lambda: inquiry.drain(seconds=TIMEOUT, clock=lambda: NOON))
    wait_until(lambda: len(endpoint.calls) == MAX_ASKED_OF_CREATOR)
    for _ in range(3):
        begun = time.monotonic()
        conditional(skd, simulators, "true")
        wait_until(lambda: not skd.order_set.filter(condition_met=None).exists())
        assert time.monotonic() - begun < 4.5  # those that hang have 5
    assert len(endpoint.calls) == MAX_ASKED_OF_CREATOR
    assert asking.is_alive()
    monkeypatch.setattr(check, "MAX_ASKED", 0)  # enough has been seen
    assert asking.result() == MAX_ASKED_OF_CREATOR + 3


@pytest.mark.django_db(transaction=True)
def test_a_drain_whose_time_is_up_is_relieved_by_the_next_one(
    ttd: Creator, simulators: Simulators
) -> None:
    slow = conditional(ttd, simulators, "slow")
    inquiry = Inquiry()
    first = Worker(lambda: inquiry.drain(seconds=1.0, clock=lambda: NOON))
    wait_until(lambda: Order.objects.get(pk=slow.pk).lease_token is not None)
    assert inquiry.drain(seconds=1, clock=lambda: NOON) is None, "the first one has time left"
    wait_until(lambda: inquiry.relay.time_is_up)
    quick = conditional(ttd, simulators, "true")
    assert inquiry.drain(seconds=TIMEOUT, clock=lambda: NOON) == 1
    assert first.result() == 1
    for one in (slow, quick):
        one.refresh_from_db()
        assert one.condition_met
    assert [asked(simulators, one) for one in (slow, quick)] == [1, 1]


def test_without_conditions_nothing_is_asked(ttd: Creator, simulators: Simulators) -> None:
    order(ttd, Channel.SMS, mobiles(1))
    assert check_send_conditions(now=NOON) == 0
    assert simulators.calls() == []
