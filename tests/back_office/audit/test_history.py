"""Changes carry their author within a transaction, and only what is inside the block does."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from back_office.audit.history import attributed_to, changes_of
from back_office.audit.log import Actor, Why
from dispatch.models import ChannelPause
from dispatch.sending import pauses
from notifications.models import NotificationChannel
from orders.models import Creator
from tests.building import NOON


@pytest.fixture
def anne(db: None) -> Actor:
    return Actor.of(User.objects.create_user("anne"))


def authors(of: Any) -> list[str | None]:
    rows = of.events.select_related("pgh_context").order_by("pgh_id")
    return [row.pgh_context and row.pgh_context.metadata["name"] for row in rows]


def test_only_what_is_inside_the_block_is_attributed(ttd: Creator, anne: Actor) -> None:
    with transaction.atomic():
        with attributed_to(anne, Why("Case 7")):
            Creator.objects.update(contact="Lise")
        Creator.objects.update(contact="Per")
    assert authors(ttd) == [None, "anne", None]


def test_a_failed_block_leaves_nothing_behind(ttd: Creator, anne: Actor) -> None:
    with transaction.atomic():
        with pytest.raises(RuntimeError), attributed_to(anne, Why("Case 7")):
            raise RuntimeError
        Creator.objects.update(contact="Per")
    assert authors(ttd) == [None, None]


@pytest.mark.django_db(transaction=True)
def test_the_next_transaction_of_the_connection_is_nobodys() -> None:
    ttd = Creator.objects.create(short_name="ttd")
    with attributed_to(Actor("cron"), Why("Night")):
        Creator.objects.update(contact="Lise")
    Creator.objects.update(contact="Per")
    assert authors(ttd) == [None, "cron", None]


def test_a_pause_carries_its_author_too(anne: Actor) -> None:
    with attributed_to(anne, Why("The gateway is being moved")):
        pauses.pause(
            NotificationChannel.SMS,
            ChannelPause.Cause.PERSON,
            until=NOON + timedelta(hours=1),
            reason="The gateway is being moved",
            now=NOON,
        )
    pause: Any = ChannelPause.objects.get()
    assert authors(pause) == ["anne"]


def test_changes_are_told_field_by_field_the_latest_first(ttd: Creator, anne: Actor) -> None:
    with attributed_to(anne, Why("Case 7")):
        Creator.objects.update(contact="Lise", requests_per_minute=5)
    last, first = changes_of(ttd)
    assert (last.who, last.reason) == ("anne", "Case 7")
    assert last.fields == [("contact", "", "Lise"), ("requests per minute", None, 5)]
    assert (first.who, first.fields) == ("", [])
