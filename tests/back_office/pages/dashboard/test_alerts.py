"""What needs somebody now is said at the top of the front page, with a link to where to look."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import PeriodicTask

from back_office.pages.dashboard import figures
from back_office.pages.dashboard.alerts import alerts
from back_office.pages.dashboard.figures import Shared
from config.jobs.schedule import PERIODIC_JOBS
from dispatch.models import ChannelPause, DeliveryReport, JobRun
from dispatch.reports import delivery_reports
from dispatch.reports.delivery_reports import ReceivedReport
from dispatch.sending import pauses
from events.models import Subscription
from notifications.models import NotificationChannel, NotificationStatus
from orders import holding
from orders.models import Creator, OrderStatus
from tests.building import NOON, notification, order, processed_order
from tests.notifications.counting.days import count, made_at, order_at
from tests.registering import ASKED, sender

S = NotificationStatus
SMS = NotificationChannel.SMS
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LISTED = {
    name: reverse(f"admin:{name}_changelist")
    for name in (
        "dispatch_channelpause",
        "dispatch_jobrun",
        "dispatch_deliveryreport",
        "orders_order",
        "orders_creator",
        "orders_sender",
        "notifications_notification",
    )
}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_noon_all_is_well(monkeypatch: pytest.MonkeyPatch, time_machine: Any) -> None:
    time_machine.move_to(NOON, tick=False)
    monkeypatch.setattr(figures, "shared", Shared())
    PeriodicTask.objects.exclude(task__in=[job.task for job in PERIODIC_JOBS]).delete()
    for job in PERIODIC_JOBS:
        JobRun.objects.create(name=job.task, started_at=NOON, ended_at=NOON, result="0")


def said() -> list[str]:
    return [alert.words for alert in alerts(Shared().at(NOON))]


def failures(of: Creator, failed: int, ended: int, status: S = S.FAILED_BARRED_RECEIVER) -> None:
    placed = order_at(of, NOON - MINUTE)
    for number in range(ended):
        outcome = status if number < failed else S.DELIVERED
        made_at(placed, outcome, NOON - MINUTE, channel=SMS, sent_at=NOON - MINUTE)


def person_pauses(_owner: Creator) -> None:
    cause = ChannelPause.Cause.PERSON
    pauses.pause(SMS, cause, until=NOON + HOUR, reason="Out.", now=NOON)


def trouble_pauses(_owner: Creator) -> None:
    cause = ChannelPause.Cause.BREAKER
    pauses.pause(SMS, cause, until=NOON + HOUR, reason="Out.", now=NOON)


def is_late(owner: Creator) -> None:
    notification(processed_order(owner), next_attempt_at=NOON - 16 * MINUTE)


def is_held_from_now_on(owner: Creator) -> None:
    holding.hold_new_orders(owner, now=NOON)


def job_is_off(_owner: Creator) -> None:
    PeriodicTask.objects.filter(task="dispatch.sweep").update(enabled=False)


def job_is_late(_owner: Creator) -> None:
    JobRun.objects.filter(name="dispatch.sweep").update(ended_at=NOON - HOUR)


def holds(owner: Creator) -> None:
    order(owner, held_at=NOON)
    order(owner, held_at=NOON)
    order(Creator.objects.create(short_name="another"), held_at=NOON)


def report_is_unmatched(_owner: Creator) -> None:
    delivery_reports.store(reports=[ReceivedReport(SMS, "42", S.DELIVERED, {})], now=NOON)
    DeliveryReport.objects.update(state="Dead")


def is_retried(owner: Creator) -> None:
    order(owner, status=OrderStatus.PROCESSING, attempts=1, next_attempt_at=NOON + MINUTE)


def webhook_fails(owner: Creator) -> None:
    Subscription.objects.create(
        creator=owner,
        endpoint="https://ttd.example/hook",
        event_types=[],
        state_at=NOON,
        secret="",
        cursor=0,
        failing_since=NOON,
        rests_until=NOON,
        created=NOON,
    )


def asks_for_a_sender(owner: Creator) -> None:
    sender(owner, "post@ttd.example", ASKED)


@pytest.mark.parametrize(
    ("happens", "words", "listed", "query"),
    [
        (person_pauses, "SMS is paused by staff.", "dispatch_channelpause", ""),
        (trouble_pauses, "SMS is paused because of trouble.", "dispatch_channelpause", ""),
        (
            is_late,
            "SMS: notifications are overdue by more than 15 minutes.",
            "notifications_notification",
            "?group=waiting&amp;channel=Sms",
        ),
        (
            lambda owner: failures(owner, 2, 50),
            "SMS: more than 3 % failed in the last hour.",
            "notifications_notification",
            "?group=failed&amp;channel=Sms",
        ),
        (job_is_off, "1 periodic job is switched off.", "dispatch_jobrun", ""),
        (job_is_late, "1 periodic job is late.", "dispatch_jobrun", ""),
        (holds, "Orders of 2 service owners are held back.", "orders_order", "?stopping=held"),
        (
            is_held_from_now_on,
            "New orders of 1 service owner are held.",
            "orders_creator",
            "",
        ),
        (
            report_is_unmatched,
            "Unmatched delivery reports need attention.",
            "dispatch_deliveryreport",
            "?state=Dead&amp;period=any",
        ),
        (
            webhook_fails,
            "Webhooks of service owners do not answer as they should.",
            "orders_creator",
            "",
        ),
        (
            asks_for_a_sender,
            "1 sender waits for verification.",
            "orders_sender",
            "?state=undecided",
        ),
        (
            is_retried,
            "Orders wait for another try after a failure.",
            "orders_order",
            "?status=Processing",
        ),
    ],
)
def test_trouble_is_said_with_a_link_for_those_who_may_follow_it(
    client: Client,
    admin_user: User,
    ttd: Creator,
    happens: Callable[[Creator], None],
    words: str,
    listed: str,
    query: str,
) -> None:
    client.force_login(admin_user)
    address = reverse("admin:dashboard")
    assert "data-alert" not in client.get(address).content.decode()
    happens(ttd)
    figures.shared = Shared()
    page = client.get(address).content.decode()
    assert f'<a href="{LISTED[listed]}{query}" id="dashboard-alert-1">{words}</a>' in page
    client.force_login(User.objects.create_user("ola", is_staff=True))
    page = client.get(address).content.decode()
    assert f"<span data-alert>{words}</span>" in page


@pytest.mark.parametrize(
    ("failed", "ended", "status"),
    [
        (2, 49, S.FAILED),
        (2, 100, S.FAILED),
        (3, 100, S.FAILED),
        (60, 60, S.FAILED_RECIPIENT_RESERVED),
    ],
)
def test_few_failures_and_recipients_that_cannot_be_reached_are_no_alarm(
    ttd: Creator, failed: int, ended: int, status: S
) -> None:
    failures(ttd, failed, ended, status)
    assert said() == []


def test_how_late_is_late_is_a_setting(ttd: Creator, settings: LazySettings) -> None:
    is_late(ttd)
    settings.LATE_NOTIFICATION_MINUTES = 16
    assert said() == []
    settings.LATE_NOTIFICATION_MINUTES = 5
    assert said() == ["SMS: notifications are overdue by more than 5 minutes."]


def test_the_last_seven_days_stand_with_their_rates_and_lead_to_their_lists(
    client: Client, admin_user: User, ttd: Creator
) -> None:
    client.force_login(admin_user)
    for status in (S.DELIVERED, S.DELIVERED, S.FAILED_BARRED_RECEIVER):
        moment = NOON - 6 * DAY
        made_at(order_at(ttd, moment), status, moment, channel=SMS, sent_at=moment)
    moment = NOON - 7 * DAY
    made_at(order_at(ttd, moment), S.DELIVERED, moment, channel=SMS, sent_at=moment)
    count(NOON)
    page = client.get(reverse("admin:dashboard")).content.decode()
    assert page.count('<li><span class="desk-small">') == 7
    assert "66.6 % delivered" in page
    assert "period_from=2025-08-19&amp;period_to=2025-08-19" in page
    assert "period_from=2025-08-18" not in page
