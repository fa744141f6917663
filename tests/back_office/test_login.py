"""Guessing passwords does not work for long."""

from datetime import timedelta

import pytest
import time_machine
from axes.models import AccessAttempt
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from config.client_address import client_address

PASSWORD = "correct horse battery staple"


@pytest.fixture
def anne(db: None) -> User:
    return User.objects.create_user("anne", password=PASSWORD, is_staff=True)


def log_in(client: Client, password: str, *, name: str = "anne", address: str = "192.0.2.1") -> int:
    answer = client.post(
        reverse("admin:login"), {"username": name, "password": password}, REMOTE_ADDR=address
    )
    return answer.status_code


def test_the_fifth_wrong_password_locks_for_a_quarter_of_an_hour(
    client: Client, anne: User
) -> None:
    for _ in range(4):
        assert log_in(client, "wrong") == 200
    assert log_in(client, "wrong") == 429
    assert log_in(client, PASSWORD) == 429
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert log_in(client, PASSWORD) == 302


@pytest.mark.parametrize("name", ["a" * 256, "a" * 5_000, "ẞ" * 300, "", "\u202e"])
def test_case_06_a_failed_log_in_is_counted_whatever_the_name(
    client: Client, anne: User, name: str
) -> None:
    """Under the first 255 letters."""
    assert log_in(client, "wrong", name=name) == 200
    assert [one.username for one in AccessAttempt.objects.all()] in ([name[:255]], [])
    assert AccessAttempt.objects.exists() == bool(name)


@pytest.mark.parametrize(
    ("path", "posted"),
    [
        ("/admin/login/", {"username": "a\x00b", "password": "x"}),
        ("/admin/login/?next=%00", {}),
        ("/admin/dispatch/tick/a%00b/history/", None),
        ("/admin/search/", {"term": "\x00"}),
        ("/admin/orders/creator/?q=%00", None),
    ],
)
def test_nothing_with_a_nul_in_it_gets_to_the_desk(
    admin_client: Client, path: str, posted: dict[str, str] | None
) -> None:
    answer = admin_client.get(path) if posted is None else admin_client.post(path, posted)
    assert answer.status_code == 400


def test_case_06_names_that_begin_alike_are_counted_together(client: Client, anne: User) -> None:
    for number in range(4):
        assert log_in(client, "wrong", name="a" * 255 + str(number)) == 200
    assert log_in(client, "wrong", name="a" * 300) == 429


def test_who_is_locked_out_is_told_so(client: Client, anne: User) -> None:
    for _ in range(5):
        log_in(client, "wrong")
    page = client.post(
        reverse("admin:login"), {"username": "anne", "password": "x"}, REMOTE_ADDR="192.0.2.1"
    )
    assert "Wait 15 minutes" in page.content.decode()
    assert "unfold" in page.content.decode()


def test_others_at_other_addresses_are_not_locked_out(client: Client, anne: User) -> None:
    User.objects.create_user("per", password=PASSWORD, is_staff=True)
    for _ in range(5):
        log_in(client, "wrong")
    assert log_in(client, PASSWORD, address="192.0.2.2") == 302
    assert log_in(Client(), PASSWORD, name="per") == 302


def test_logging_in_clears_the_count(client: Client, anne: User) -> None:
    for _ in range(4):
        log_in(client, "wrong")
    assert log_in(client, PASSWORD) == 302
    assert not AccessAttempt.objects.exists()


def test_passwords_are_not_stored_with_failures(client: Client, anne: User) -> None:
    log_in(client, "nearly-" + PASSWORD)
    [attempt] = AccessAttempt.objects.all()
    assert PASSWORD not in attempt.post_data


def test_a_session_ends_with_the_working_day(client: Client, anne: User) -> None:
    log_in(client, PASSWORD)
    cookie = client.cookies["sessionid"]
    assert cookie["max-age"] == 8 * 60 * 60
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


@pytest.mark.parametrize("password", ["short-one-1", "password12345", "201234567890"])
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.9", "192.0.2.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "10.0.0.1", "192.0.2.1"),
        (1, "", "192.0.2.1"),
    ],
)
def test_only_our_own_proxies_are_believed(
    settings: LazySettings, proxies: int, forwarded: str, address: str
) -> None:
    settings.PROXY_COUNT = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory(REMOTE_ADDR="192.0.2.1").get("/admin/", headers=headers)
    assert client_address(request) == address
