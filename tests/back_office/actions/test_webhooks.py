"""Operators pause and resume webhooks, and have events posted again; each leaves an audit entry."""

import pytest
from django.utils import timezone

from back_office.models import StaffAction
from events import subscriptions
from events.models import Delivery, Subscription
from orders.models import Creator
from tests.back_office.actions.conftest import LogIn, change_page_of, list_of, page_of
from tests.events.conftest import subscribe

pytestmark = pytest.mark.django_db

WEBHOOK, DELIVERY = "events_subscription", "events_delivery"


@pytest.fixture
def webhook(ttd: Creator) -> Subscription:
    return subscribe(ttd, "https://kommune.example/hook")


def test_a_webhook_is_paused_and_resumed(log_in: LogIn, webhook: Subscription) -> None:
    desk = log_in("operator")
    assert "nothing is posted" in desk.confirm(page_of(WEBHOOK, webhook.pk, "pause"))
    webhook.refresh_from_db()
    assert (webhook.state, webhook.reason) == ("Paused", "The gateway was down.")
    assert "Resume the webhook" in desk.read(change_page_of(WEBHOOK, webhook.pk))
    desk.confirm(page_of(WEBHOOK, webhook.pk, "resume"))
    webhook.refresh_from_db()
    assert (webhook.state, webhook.reason) == ("Active", "")
    entries = StaffAction.objects.order_by("id").values_list("what", "subject_type", "subject_id")
    assert list(entries) == [(w, "webhook", str(webhook.pk)) for w in ("Suspended", "Continued")]


def test_an_event_is_posted_again(log_in: LogIn, webhook: Subscription) -> None:
    sent = subscriptions.send_test(webhook, now=timezone.now())
    Delivery.objects.update(state="Failed", ended_at=timezone.now())
    log_in("operator").confirm(page_of(DELIVERY, sent.pk, "redeliver"))
    sent.refresh_from_db()
    assert (sent.state, sent.ended_at) == ("Waiting", None)
    assert StaffAction.objects.get().what == "Reposted"


def test_no_page_shows_a_secret(log_in: LogIn, webhook: Subscription) -> None:
    sent = subscriptions.send_test(webhook, now=timezone.now())
    desk = log_in("auditor")
    for page in (
        list_of(WEBHOOK),
        change_page_of(WEBHOOK, webhook.pk),
        list_of(DELIVERY),
        change_page_of(DELIVERY, sent.pk),
    ):
        shown = desk.read(page)
        assert webhook.secret not in shown
        assert "whsec" not in shown


@pytest.mark.parametrize("role", ["support", "auditor"])
def test_who_may_only_look_changes_nothing(log_in: LogIn, webhook: Subscription, role: str) -> None:
    desk = log_in(role)
    assert desk.status(page_of(WEBHOOK, webhook.pk, "pause")) == 403
    assert "Pause the webhook" not in desk.read(change_page_of(WEBHOOK, webhook.pk))
