"""What ended long ago is forgotten; what waits, and what is young, stays."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone

from events import subscriptions, upkeep
from events.backlog import webhooks
from events.models import Delivery, Subscription
from orders.models import Creator
from tests.events.conftest import subscribe

pytestmark = pytest.mark.django_db

URL = "https://sender.example/hook"


def test_old_deliveries_and_deleted_webhooks_are_forgotten(
    ttd: Creator, settings: LazySettings
) -> None:
    settings.WEBHOOK_RETENTION_DAYS = 30
    now = timezone.now()
    kept, deleted = subscribe(ttd, URL), subscribe(ttd, URL)
    for subscription, age in ((kept, 31), (kept, 29), (deleted, 31)):
        sent = subscriptions.send_test(subscription, now=now)
        ended_at = now - timedelta(days=age)
        Delivery.objects.filter(pk=sent.pk).update(state="Delivered", ended_at=ended_at)
    waiting = subscriptions.send_test(kept, now=now - timedelta(days=99))
    subscriptions.delete(deleted, now=now - timedelta(days=31))
    while upkeep.forget(now=now):
        pass
    assert Delivery.objects.count() == 2
    assert Delivery.objects.filter(pk=waiting.pk).exists()
    assert list(Subscription.objects.values_list("pk", flat=True)) == [kept.pk]


def test_nothing_is_forgotten_where_all_is_kept(ttd: Creator, settings: LazySettings) -> None:
    settings.WEBHOOK_RETENTION_DAYS = 0
    assert upkeep.forget(now=timezone.now() + timedelta(days=9_999)) == 0


def test_the_state_of_webhooks_is_known(ttd: Creator) -> None:
    now = timezone.now()
    active = subscribe(ttd, URL, now=now)
    for fields in ({"failing_since": now}, {"state": "Paused"}, {"state": "Ended"}):
        subscribe(ttd, URL, now=now, **fields)
    subscribe(ttd, URL, now=now, state="Paused", failing_since=now)
    subscriptions.send_test(active, now=now - timedelta(minutes=2))
    found = webhooks(now=now)
    assert (found.active, found.failing, found.paused, found.given_up, found.ended) == (1,) * 5
    assert (found.waiting, found.late) == (1, timedelta(minutes=2))
