"""Staff can look at everything the pipeline writes, and change nothing of it."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import PeriodicTask

from back_office.lists.read_only import ReadOnlyAdmin
from dispatch.models import Attempt, ChannelPause, JobRun
from dispatch.reports import delivery_reports
from dispatch.reports.delivery_reports import ReceivedReport
from dispatch.sending import pauses
from notifications.models import NotificationChannel, NotificationStatus
from notifications.results import record
from notifications.results.record import Result
from orders.models import Creator
from tests.building import NOON, notification, processed_order
from tests.registering import sender

OURS = {"orders", "notifications", "dispatch"}


@pytest.fixture
def staff(client: Client, admin_user: User) -> Client:
    client.force_login(admin_user)
    return client


@pytest.fixture
def a_row_of_everything(ttd: Creator) -> None:
    order = processed_order(ttd)
    row = notification(order)
    Attempt.objects.create(notification=row, outcome="Error", reason="It broke.", created=NOON)
    record.record([Result(row.pk, NotificationStatus.FAILED, finished=True)], now=NOON)
    report = ReceivedReport(NotificationChannel.SMS, "42", NotificationStatus.DELIVERED, {})
    delivery_reports.store(reports=[report], now=NOON)
    pauses.pause(
        NotificationChannel.SMS,
        ChannelPause.Cause.PERSON,
        until=NOON + timedelta(hours=1),
        reason="Maintenance of the gateway.",
        now=NOON,
    )
    JobRun.objects.create(name="dispatch.send_sms", started_at=NOON)
    sender(ttd, "post@ttd.example")


def models_of_ours() -> list[type[Model]]:
    return [model for model in admin.site._registry if model._meta.app_label in OURS]


@pytest.mark.parametrize("model", models_of_ours(), ids=lambda model: model.__name__)
def test_every_table_can_be_listed_and_opened(
    staff: Client, a_row_of_everything: None, model: type[Model]
) -> None:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    assert staff.get(reverse(f"{name}_changelist")).status_code == 200
    row = model._default_manager.first()
    assert row is not None
    page = staff.get(reverse(f"{name}_change", args=[row.pk]))
    assert page.status_code == 200
    assert str(row) in page.content.decode()


@pytest.mark.parametrize(
    "model",
    [model for model in models_of_ours() if model is not Creator],
    ids=lambda model: model.__name__,
)
def test_what_the_pipeline_writes_cannot_be_changed(
    staff: Client, a_row_of_everything: None, model: type[Model]
) -> None:
    assert isinstance(admin.site._registry[model], ReadOnlyAdmin)
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    row = model._default_manager.first()
    assert row is not None
    assert staff.post(reverse(f"{name}_change", args=[row.pk]), {}).status_code == 403
    assert staff.post(reverse(f"{name}_delete", args=[row.pk]), {}).status_code == 403
    assert staff.post(reverse(f"{name}_add"), {}).status_code == 403


def test_a_service_owner_can_be_shut_out(staff: Client, ttd: Creator) -> None:
    page = reverse("admin:orders_creator_change", args=[ttd.pk])
    # The box for "active" is not ticked.
    assert staff.post(page, {"reason": "They no longer pay."}).status_code == 302
    ttd.refresh_from_db()
    assert not ttd.is_active


def test_operators_see_the_background_jobs(staff: Client) -> None:
    page = staff.get(reverse("admin:django_celery_beat_periodictask_changelist"))
    assert page.status_code == 200
    assert PeriodicTask.objects.count() >= 6


def test_nobody_sees_anything_without_logging_in(client: Client, db: None) -> None:
    answer = client.get(reverse("admin:index"))
    assert answer.status_code == 302
    assert "/admin/login/" in answer.headers["Location"]


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/admin/nowhere/", 404, "Denne siden finnes ikke"),
        ("/admin/auth/user/", 403, "Du har ikke tilgang til denne siden"),
    ],
)
def test_an_error_of_the_desk_is_a_page_in_the_readers_language(
    client: Client, django_user_model: type[User], db: None, address: str, status: int, words: str
) -> None:
    client.force_login(django_user_model.objects.create_user("siri", is_staff=True))
    answer = client.get(address, headers={"Accept-Language": "nb"})
    assert answer.status_code == status
    assert f"<h1>{words}</h1>" in answer.content.decode()


def test_the_keyboard_skips_the_menus(client: Client, admin_user: User) -> None:
    client.force_login(admin_user)
    page = client.get("/admin/search/").content.decode()
    assert page.index('<a href="#content" class="desk-skip">') < page.index("<nav")
    assert '<div id="content" tabindex="-1"' in page
