"""Every entry of the feed becomes a delivery of each subscription that wants it, once."""

from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from events import taking
from events.models import Delivery, EventType, Subscription
from notifications.control.cancel import cancel_by_staff
from notifications.control.stop import stop
from orders.models import Creator, OrderStatus
from tests.building import order
from tests.events.conftest import delivery_of, ended, enter, subscribe
from tests.notifications.conftest import Worker

pytestmark = pytest.mark.django_db

URL = "https://sender.example/hook"


def take_up() -> int:
    passed = 0
    while found := taking.take_up(now=timezone.now()):
        passed += found
    return passed


@pytest.mark.parametrize(
    ("status", "event"),
    [
        (OrderStatus.COMPLETED, EventType.COMPLETED),
        (OrderStatus.SEND_CONDITION_NOT_MET, EventType.CONDITION_NOT_MET),
        (OrderStatus.CANCELLED, EventType.CANCELLED),
    ],
)
def test_a_shipment_that_ends_is_an_event(
    ttd: Creator, status: OrderStatus, event: EventType
) -> None:
    subscribe(ttd, URL)
    shipment = ended(ttd, status, senders_reference="ref")
    assert take_up() == 1
    taken = delivery_of(shipment)
    assert (taken.event, taken.senders_reference, taken.state) == (event, "ref", "Waiting")
    assert take_up() == 0


def test_cancelled_and_stopped_orders_are_events(ttd: Creator) -> None:
    subscribe(ttd, URL)
    cancelled, stopped = order(ttd), order(ttd)
    cancel_by_staff([cancelled.pk], now=timezone.now())
    stop([stopped.pk], reason="Wrong.", now=timezone.now())
    take_up()
    assert {delivery_of(one.pk).event for one in (cancelled, stopped)} == {EventType.CANCELLED}


def test_a_subscription_is_told_of_its_owners_shipments_from_its_making_on(
    ttd: Creator, skd: Creator
) -> None:
    ended(ttd)
    subscribe(ttd, URL), subscribe(ttd, URL), subscribe(skd, URL)
    shipment = ended(ttd)
    take_up()
    told = Delivery.objects.values_list("subscription__creator__short_name", "shipment_id")
    assert list(told) == [("ttd", shipment)] * 2


def test_only_wanted_events_are_taken_and_others_are_passed(ttd: Creator) -> None:
    subscription = subscribe(ttd, URL, event_types=[EventType.CANCELLED])
    ended(ttd)
    wanted = ended(ttd, OrderStatus.CANCELLED)
    assert take_up() == 2
    assert Delivery.objects.get().shipment_id == wanted
    subscription.refresh_from_db()
    assert subscription.cursor == Delivery.objects.get().sequence_number


@pytest.mark.parametrize("state", [state for state in Subscription.State if state != "Active"])
def test_what_ends_during_a_pause_stays_in_the_feed(ttd: Creator, state: str) -> None:
    subscription = subscribe(ttd, URL, state=state)
    ended(ttd)
    assert take_up() == 0
    Subscription.objects.filter(pk=subscription.pk).update(state="Active")
    assert take_up() == 1


def test_a_dead_endpoint_takes_up_no_more_than_some(
    ttd: Creator, skd: Creator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "MAX_WAITING", 3)
    monkeypatch.setattr(taking, "ENTRIES", 2)
    subscribe(ttd, URL), subscribe(skd, URL)
    orders = [order(ttd, status="Completed") for _ in range(9)] + [order(skd, status="Completed")]
    enter(*(one.pk for one in orders))
    take_up()
    of = Delivery.objects.filter
    assert of(subscription__creator=ttd).count() == 4
    assert of(subscription__creator=skd).count() == 1
    of(subscription__creator=ttd).update(state="Delivered")
    take_up()
    assert of(subscription__creator=ttd).count() == 8


@pytest.mark.django_db(transaction=True)
def test_two_processes_take_nothing_up_twice_and_lose_nothing_with_one_that_dies(
    ttd: Creator,
) -> None:
    subscribe(ttd, URL)
    shipment = ended(ttd)
    with transaction.atomic():
        assert taking.take_up(now=timezone.now()) == 1
        other: Any = Worker(lambda: taking.take_up(now=timezone.now()))
        assert other.result() == 0
        transaction.set_rollback(True)
    assert taking.take_up(now=timezone.now()) == 1
    assert Worker(lambda: taking.take_up(now=timezone.now())).result() == 0
    assert delivery_of(shipment).state == "Waiting"
