"""Accounts, groups and log-ins have pages; the trail can be read and searched, not changed."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from unfold.admin import ModelAdmin

from back_office.audit import log
from back_office.audit.log import Actor, Why
from back_office.models import StaffAction
from tests.building import NOON


def log_in(client: Client, group: str) -> User:
    user = User.objects.create_user(f"{group}-anne", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    client.force_login(user)
    return user


@pytest.fixture
def line(db: None) -> StaffAction:
    return log.record(
        StaffAction.What.STOPPED,
        by=Actor("ola"),
        why=Why("Wrong text", "INC1"),
        subject=StaffAction.Subject.ORDER,
        subject_id="o-1",
        now=NOON,
    )


def test_every_page_has_the_desks_looks() -> None:
    plain = [
        model for model, page in admin.site._registry.items() if not isinstance(page, ModelAdmin)
    ]
    assert plain == []


@pytest.mark.parametrize(
    "table", ["auth_user", "auth_group", "axes_accessattempt", "axes_accesslog", "admin_logentry"]
)
def test_an_auditor_sees_who_may_what(client: Client, db: None, table: str) -> None:
    user = log_in(client, "auditor")
    assert client.get(reverse(f"admin:{table}_changelist")).status_code == 200
    account = reverse("admin:auth_user_change", args=[user.pk])
    assert client.get(account).status_code == 200
    assert client.post(account, {"is_superuser": "on"}).status_code == 403


def test_the_trail_is_filtered_by_who_what_and_when(client: Client, line: StaffAction) -> None:
    log_in(client, "auditor")
    listing = reverse("admin:back_office_staffaction_changelist")
    for wanted in (
        {"what__exact": "Stopped"},
        {"staff_name__icontains": "ola"},
        {"period_from": "2025-08-25", "period_to": "2025-08-25"},
    ):
        assert "Wrong text" in client.get(listing, wanted).content.decode(), wanted
    for other in (
        {"what__exact": "Resent"},
        {"staff_name__icontains": "kari"},
        {"period_from": "2025-08-26"},
    ):
        assert "Wrong text" not in client.get(listing, other).content.decode(), other
    assert "Wrong text" in client.post(listing, {"q": "o-1"}).content.decode()
    assert "Wrong text" not in client.post(listing, {"q": "o-2"}).content.decode()


def test_nobody_changes_the_trail(admin_client: Client, line: StaffAction) -> None:
    page = reverse("admin:back_office_staffaction_change", args=[line.pk])
    assert admin_client.post(page, {"reason": "None"}).status_code == 403
    for action in (
        lambda: StaffAction.objects.update(reason="None"),
        lambda: StaffAction.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            action()


@pytest.mark.parametrize("group", ["support", "operator"])
def test_the_trail_is_for_auditors(client: Client, line: StaffAction, group: str) -> None:
    log_in(client, group)
    assert client.get(reverse("admin:back_office_staffaction_changelist")).status_code == 403
    assert client.get(reverse("admin:auth_user_changelist")).status_code == 403


def test_an_operator_tunes_a_job_and_adds_no_other(client: Client, db: None) -> None:
    log_in(client, "operator")
    task = PeriodicTask.objects.get(task="dispatch.sweep")
    slower = IntervalSchedule.objects.create(every=60, period="seconds")
    page = reverse("admin:django_celery_beat_periodictask_change", args=[task.pk])
    form = {"enabled": "on", "interval": slower.pk, "expire_seconds": 60, "reason": "Too fast."}
    assert client.post(page, form).status_code == 302
    task.refresh_from_db()
    assert (task.interval, task.task, task.queue) == (slower, "dispatch.sweep", "maintenance")
    assert client.get(reverse("admin:django_celery_beat_periodictask_add")).status_code == 403


def test_support_tunes_nothing(client: Client, db: None) -> None:
    log_in(client, "support")
    page = reverse("admin:django_celery_beat_periodictask_changelist")
    assert client.get(page).status_code == 403


def test_staff_are_hired_on_one_page_with_one_role(client: Client, db: None) -> None:
    client.force_login(User.objects.create_superuser("sjef"))
    page = reverse("admin:auth_user_add")
    given = {
        "username": "kari",
        "first_name": "Kari",
        "password1": "fjord-og-fjell-7",
        "password2": "fjord-og-fjell-7",
        "role": Group.objects.get(name="support").pk,
        "reason": "New here.",
    }
    for missing in ("role", "reason", "password1"):
        without = {name: value for name, value in given.items() if name != missing}
        assert client.post(page, without).status_code == 200
    assert not User.objects.filter(username="kari").exists()
    assert client.post(page, given).status_code == 302
    account = User.objects.get(username="kari")
    assert (account.is_staff, account.is_superuser) == (True, False)
    assert account.check_password("fjord-og-fjell-7")
    assert [one.name for one in account.groups.all()] == ["support"]
    entry = StaffAction.objects.get(what="Hired")
    assert (entry.subject_type, entry.subject_id) == ("account", str(account.pk))
    assert (entry.reason, entry.staff_name) == ("New here.", "sjef")
    assert entry.detail == {"role": "support", "password": True}


@pytest.mark.parametrize("role", ["support", "operator", "auditor"])
def test_none_of_the_roles_hires(client: Client, db: None, role: str) -> None:
    log_in(client, role)
    assert client.get(reverse("admin:auth_user_add")).status_code == 403
