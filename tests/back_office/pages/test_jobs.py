"""A background job is switched off or slowed for a reason, and the audit log tells from what to
what; those without which notifications are lost stay on."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from back_office.models import StaffAction
from config.jobs import schedule


@pytest.fixture
def operator(client: Client, db: None) -> Client:
    user = User.objects.create_user("olga", is_staff=True)
    user.groups.add(Group.objects.get(name="operator"))
    client.force_login(user)
    return client


def changed(client: Client, task: str, **values: Any) -> str:
    row = PeriodicTask.objects.get(task=task)
    form = {"enabled": "on", "interval": row.interval_id, "expire_seconds": row.expire_seconds}
    form = {name: value for name, value in (form | values).items() if value is not None}
    page = reverse("admin:django_celery_beat_periodictask_change", args=[row.pk])
    return client.post(page, form, follow=True).content.decode()


def test_switching_a_job_off_takes_a_reason_and_is_told(operator: Client) -> None:
    changed(operator, "events.forget", enabled=None)
    assert PeriodicTask.objects.get(task="events.forget").enabled
    changed(operator, "events.forget", enabled=None, reason="The disk is moved")
    assert not PeriodicTask.objects.get(task="events.forget").enabled
    entry = StaffAction.objects.get()
    assert (entry.staff_name, entry.reason) == ("olga", "The disk is moved")
    assert (entry.subject_type, entry.subject_id) == ("job", "events.forget")
    assert entry.detail == {"changes": {"enabled": [True, False]}}


def test_slowing_a_job_tells_both_intervals(operator: Client) -> None:
    hourly = IntervalSchedule.objects.create(every=3600, period="seconds")
    changed(operator, "dispatch.sweep", interval=hourly.pk, reason="Less load")
    told = StaffAction.objects.get().detail["changes"]
    assert told == {"interval": ["every 30 seconds", "every 3600 seconds"]}


def test_a_job_without_which_notifications_are_lost_stays_on(operator: Client) -> None:
    said = changed(operator, "dispatch.send_sms", enabled=None, reason="Quiet, please")
    assert "This job cannot be switched off" in said
    assert PeriodicTask.objects.get(task="dispatch.send_sms").enabled
    assert not StaffAction.objects.exists()


def test_the_page_says_what_stops(operator: Client) -> None:
    row = PeriodicTask.objects.get(task="dispatch.purge")
    page = operator.get(reverse("admin:django_celery_beat_periodictask_change", args=[row.pk]))
    assert "Personal data is kept longer than its period." in page.content.decode()


def test_the_list_holds_our_jobs_only(operator: Client) -> None:
    cleanup = "celery.backend_cleanup"
    interval = IntervalSchedule.objects.all()[0]
    PeriodicTask.objects.create(name=cleanup, task=cleanup, interval=interval)
    listing = reverse("admin:django_celery_beat_periodictask_changelist")
    assert cleanup not in operator.get(listing).content.decode()
    schedule.install()
    assert not PeriodicTask.objects.filter(task=cleanup).exists()
