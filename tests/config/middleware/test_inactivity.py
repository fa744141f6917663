"""A session that nobody uses ends; one that is used ends with the working day."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone


@pytest.fixture
def staff(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_superuser("anne"))
    assert client.get("/admin/password_change/").status_code == 200
    return client


def answer(client: Client, *, minutes: float, path: str = "/admin/password_change/") -> int:
    with time_machine.travel(timezone.now() + timedelta(minutes=minutes), tick=False):
        return client.get(path).status_code


def test_an_unused_session_ends(staff: Client, settings: LazySettings) -> None:
    settings.SESSION_IDLE_MINUTES = 30
    assert answer(staff, minutes=29) == 200
    assert answer(staff, minutes=58) == 200
    assert answer(staff, minutes=89) == 302
    assert answer(staff, minutes=58) == 302, "it has ended for good"


def test_a_dashboard_that_lies_open_is_no_use(staff: Client, settings: LazySettings) -> None:
    settings.SESSION_IDLE_MINUTES = 30
    for minutes in (10, 20, 29):
        assert answer(staff, minutes=minutes, path="/admin/dashboard/") == 200
    assert answer(staff, minutes=31, path="/admin/dashboard/") == 302


def test_a_session_in_use_ends_with_the_working_day(staff: Client) -> None:
    for minutes in range(25, 8 * 60, 25):
        assert answer(staff, minutes=minutes) == 200
    assert answer(staff, minutes=8 * 60 + 1) == 302
