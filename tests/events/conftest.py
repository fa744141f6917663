"""An owner's endpoint, subscriptions, and shipments that end."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.conf import LazySettings
from django.db import transaction
from django.utils import timezone

from events import subscriptions
from events.models import Delivery, Subscription
from events.sending.sender import Sender
from notifications.results import feed
from orders.models import Creator, OrderStatus
from tests.building import order
from tests.recipients.local_server import LocalServer

PATIENCE = 60.0
PATH = "/hook"


@pytest.fixture(autouse=True)
def _may_lie_here(settings: LazySettings) -> None:
    settings.WEBHOOK_ALLOWED_HOSTS = ["127.0.0.1"]


@pytest.fixture
def endpoint() -> Iterator[LocalServer]:
    """It takes everything, unless the test says otherwise."""
    running = LocalServer()
    running.answer(PATH, {})
    yield running
    running.stop()


def subscribe(
    creator: Creator, endpoint: str, *, now: datetime | None = None, **fields: Any
) -> Subscription:
    """A subscription to all events; `fields` are columns that are set afterwards."""
    made = subscriptions.make(
        creator=creator, endpoint=endpoint, now=now or timezone.now()
    ).subscription
    if fields:
        Subscription.objects.filter(pk=made.pk).update(**fields)
        made.refresh_from_db()
    return made


def ended(creator: Creator, status: OrderStatus = OrderStatus.COMPLETED, **fields: Any) -> UUID:
    """A shipment that ended and is in the feed; its id."""
    one = order(creator, status=status, **fields)
    enter(one.pk)
    return one.pk


def enter(*order_ids: UUID) -> None:
    with transaction.atomic():
        feed.publish(order_ids, now=timezone.now())


def deliver() -> int:
    """Until nothing is left to do at this moment."""
    tried = Sender().drain(seconds=PATIENCE)
    assert tried is not None
    return tried


def delivery_of(shipment_id: UUID) -> Delivery:
    return Delivery.objects.get(shipment_id=shipment_id)


Made = Callable[..., Subscription]
