"""The front page of the desk: what it says at a glance, to whom, and its refreshing in place."""

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import PeriodicTask

from back_office.pages.dashboard import figures
from back_office.pages.dashboard.figures import Shared
from back_office.templatetags.figures import number, span
from config.jobs.schedule import PERIODIC_JOBS
from dispatch.models import ChannelPause, JobRun
from dispatch.sending import pauses
from notifications.models import Notification, NotificationChannel, NotificationStatus
from orders.models import Channel, Creator, Order, OrderStatus
from runtime.uuid7 import lowest_at
from tests.building import NOON, notification, order, processed_order

S = NotificationStatus
HOUR = timedelta(hours=1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_noon_with_nothing_remembered(monkeypatch: pytest.MonkeyPatch, time_machine: Any) -> None:
    time_machine.move_to(NOON, tick=False)
    monkeypatch.setattr(figures, "shared", Shared())
    monkeypatch.setattr(figures, "QUERY_TIMEOUT", timedelta(minutes=1))


@pytest.fixture
def colleague(client: Client) -> Client:
    """Active staff without a single permission."""
    user = User.objects.create_user("ola", password="secret", is_staff=True)
    client.force_login(user)
    return client


@pytest.fixture
def all_jobs_run(db: None) -> None:
    PeriodicTask.objects.exclude(task__in=[job.task for job in PERIODIC_JOBS]).delete()
    for job in PERIODIC_JOBS:
        JobRun.objects.create(name=job.task, started_at=NOON, ended_at=NOON, result="0")


def texts(client: Client, name: str = "dashboard") -> str:
    """The words of the page, without its tags, with single spaces."""
    answer = client.get(reverse(f"admin:{name}"))
    assert answer.status_code == 200
    words = re.sub(r"<(script|style|svg).*?</\1>|<[^>]+>", " ", answer.content.decode(), flags=re.S)
    return " ".join(unescape(words).split())


def sent(of: Order, status: NotificationStatus, *, at: datetime, **fields: Any) -> None:
    own = UUID(int=lowest_at(at).int + Notification.objects.count())
    notification(of, status, now=at, id=own, sent_at=at, **fields)


def test_only_staff_who_are_logged_in_see_the_figures(client: Client) -> None:
    answer = client.get(reverse("admin:dashboard"))
    assert answer.status_code == 302
    assert reverse("admin:login") in answer["Location"]
    client.force_login(User.objects.create_user("citizen", password="secret"))
    assert client.get(reverse("admin:dashboard")).status_code == 302
    retired = User.objects.create_user("retired", is_staff=True, is_active=False)
    client.force_login(retired)
    assert client.get(reverse("admin:dashboard")).status_code == 302


def test_every_member_of_staff_sees_them_on_the_front_page_and_alone(colleague: Client) -> None:
    page = colleague.get(reverse("admin:index")).content.decode()
    fragment = colleague.get(reverse("admin:dashboard"))
    assert fragment["Cache-Control"].startswith("max-age=0")
    assert "<html" not in fragment.content.decode()
    assert fragment.content.decode().strip() in page
    assert f'data-from="{reverse("admin:dashboard")}"' in page
    assert "back_office/dashboard.js" in page
    assert colleague.post(reverse("admin:dashboard")).status_code == 405


def test_links_and_the_search_box_are_for_those_who_may_follow_them(
    colleague: Client, ttd: Creator
) -> None:
    order(ttd, held_at=NOON)
    held = f"{reverse('admin:orders_order_changelist')}?stopping=held"
    page = colleague.get(reverse("admin:index")).content.decode()
    assert held not in page
    assert 'class="desk-find-large"' not in page
    for name in ("view_order", "view_notification"):
        User.objects.get(username="ola").user_permissions.add(Permission.objects.get(codename=name))
    page = colleague.get(reverse("admin:index")).content.decode()
    assert f'href="{held}"' in page
    assert 'class="desk-find-large"' in page


def test_an_empty_day_says_so(colleague: Client, all_jobs_run: None) -> None:
    words = texts(colleague)
    assert words.count("Nothing has been sent today.") == 2
    assert "Nothing was sent in the last hour." in words
    assert words.count("No notification waits.") == 2
    assert "data-alert" not in colleague.get(reverse("admin:dashboard")).content.decode()


def test_the_numbers_of_today_stand_by_channel_with_the_reasons_of_failures(
    colleague: Client, ttd: Creator
) -> None:
    made = processed_order(ttd)
    for number_, status in enumerate([S.DELIVERED, S.DELIVERED, S.FAILED_BARRED_RECEIVER]):
        sent(made, status, at=NOON - timedelta(minutes=number_))
    email = processed_order(ttd, channel=Channel.EMAIL)
    sent(email, S.SUCCEEDED, at=NOON, finished_at=NOON, expires_at=None, channel="Email")
    words = texts(colleague)
    assert "SMS today Sent 3 Delivered 2 66.6 % Failed 1 33.3 % On its way 0 0.0 %" in words
    assert "E-mail today Sent 1 Delivered 1 100.0 % Failed 0 0.0 % On its way 0 0.0 %" in words
    assert "1 were sent to a server that sends no delivery reports" in words
    assert "The number is barred, blocked or not in use. 1" in words
    assert "12:00 1 1" in words  # the table beside the chart


def test_the_window_of_the_moment_is_shown(
    colleague: Client, settings: LazySettings, time_machine: Any
) -> None:
    assert "Open Closes at 17:00, in 5 h 0 min." in texts(colleague)
    time_machine.move_to(NOON + 7 * HOUR, tick=False)
    assert "Closed Opens at 09:00, in 14 h 0 min." in texts(colleague)
    settings.SMS_SEND_WINDOW = "00:00-24:00"
    time_machine.move_to(NOON + 7.5 * HOUR, tick=False)
    assert "Open It never closes." in texts(colleague)


def test_a_paused_channel_tells_why_until_when_and_how_long_notifications_keep(
    colleague: Client, ttd: Creator
) -> None:
    notification(processed_order(ttd), expires_at=NOON + 3 * HOUR)
    pauses.pause(
        NotificationChannel.SMS,
        ChannelPause.Cause.PERSON,
        until=NOON + 2 * HOUR,
        reason="The gateway is rebuilt.",
        now=NOON,
        set_by="kari",
    )
    words = texts(colleague)
    assert "Until 25 August 14:00, 2 h 0 min more. The gateway is rebuilt. (kari)" in words
    assert "The first notification expires on 25 August 15:00, in 3 h 0 min." in words
    assert "SMS is paused by staff." in words


def test_late_jobs_are_flagged_and_announced(colleague: Client, all_jobs_run: None) -> None:
    JobRun.objects.filter(name="dispatch.sweep").update(ended_at=NOON - HOUR)
    assert "1 periodic job is late." in texts(colleague)
    assert "orders left behind 1 h 0 min ago Late" in texts(colleague)
    JobRun.objects.all().update(ended_at=NOON - HOUR)
    figures.shared = Shared()
    assert "No periodic job runs: are beat and the workers up?" in texts(colleague)


def test_orders_in_back_off_tell_why_and_when_they_are_tried_again(
    colleague: Client, ttd: Creator
) -> None:
    order(
        ttd,
        status=OrderStatus.PROCESSING,
        attempts=3,
        reason="The register is down.",
        next_attempt_at=NOON + timedelta(minutes=2),
    )
    words = texts(colleague)
    assert "1 order The register is down. Next try 12:02:00, after 3 in vain." in words


def test_what_could_not_be_counted_in_time_is_said_and_never_shown_as_nought(
    colleague: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "in_time", lambda read: None)
    words = texts(colleague)
    assert words.count("Too much to count in time.") == 9
    assert "Nothing has been sent" not in words


def test_there_is_no_personal_data_on_the_page(colleague: Client, ttd: Creator) -> None:
    made = processed_order(ttd, *[S.NEW, S.FAILED, S.DELIVERED])
    notification(made, S.FAILED, reason="+4799999999 was refused.", sent_at=NOON)
    page = colleague.get(reverse("admin:index")).content.decode()
    assert "99999999" not in page


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (999, "999"), (1_000, "1\u202f000"), (1_234_567, "1\u202f234\u202f567")],
)
def test_numbers_stand_in_groups_of_three(value: int, shown: str) -> None:
    assert number(value) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-5, "0 s"),
        (59, "59 s"),
        (200, "3 min 20 s"),
        (7_500, "2 h 5 min"),
        (3 * 86_400, "3 days"),
    ],
)
def test_spans_of_time_have_two_units_at_most(seconds: int, shown: str) -> None:
    assert span(timedelta(seconds=seconds)) == shown
