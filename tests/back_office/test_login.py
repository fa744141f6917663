"""Guessing passwords does not work for long."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt
from django.conf import LazySettings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from back_office.pages.staff.log_in import MAX_FAILURES
from config.middleware.client_address import client_address

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
        ("/admin/dispatch/jobrun/a%00b/history/", None),
        ("/admin/search/", {"term": "\x00"}),
        ("/admin/orders/creator/?q=%00", None),
    ],
)
def test_nothing_with_a_nul_in_it_gets_to_the_desk(
    admin_client: Client, path: str, posted: dict[str, str] | None
) -> None:
    answer = admin_client.get(path) if posted is None else admin_client.post(path, posted)
    assert answer.status_code == 400


@pytest.mark.parametrize("name", ["sessionid", "csrftoken", "django_language", "messages", "x"])
@pytest.mark.parametrize("path", ["/admin/", "/admin/login/", "/admin/logout/", "/admin/nowhere/"])
def test_nor_has_a_cookie_that_spells_one(client: Client, path: str, name: str) -> None:
    odd = f'{name}="\\000aaaaaaaaaaaa"'
    assert client.get(path, headers={"Cookie": odd}).status_code == 400


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


def test_attack_24_sixty_names_from_one_address_are_limited(
    client: Client, anne: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[str] = []
    hashed = ModelBackend.authenticate

    def count(self: ModelBackend, request: object, username: str = "", **how: Any) -> Any:
        looked_at.append(username)
        return hashed(self, request, username, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(ModelBackend, "authenticate", count)
    before = refused("address")
    answers = [log_in(Client(), "Vinter2026!", name=f"name-{n}") for n in range(60)]
    assert answers == [200] * MAX_FAILURES + [429] * (60 - MAX_FAILURES)
    assert len(looked_at) == MAX_FAILURES
    assert refused("address") - before == 60 - MAX_FAILURES
    assert log_in(client, PASSWORD) == 429
    assert log_in(client, PASSWORD, address="192.0.2.2") == 302


def test_attack_24_an_address_is_free_again_after_a_quarter_of_an_hour(
    client: Client, anne: User
) -> None:
    for n in range(MAX_FAILURES):
        log_in(Client(), "wrong", name=f"name-{n}")
    assert log_in(client, PASSWORD) == 429
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert log_in(client, PASSWORD) == 302


def test_one_line_of_ipv6_is_one_address(client: Client, anne: User) -> None:
    for n in range(MAX_FAILURES):
        log_in(Client(), "wrong", name=f"name-{n}", address=f"2001:db8:1:2::{n:x}")
    assert log_in(client, PASSWORD, address="2001:db8:1:2:ffff::1") == 429
    assert log_in(client, PASSWORD, address="2001:db8:1:3::1") == 302


@pytest.mark.django_db(transaction=True)
def test_attack_7_one_password_is_looked_at_and_one_waits_others_are_told_to_come_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """32 clients with ever new names and addresses; each look takes until the others are told."""
    told = threading.Semaphore(0)
    most, now = [0], [0]

    def slow(self: ModelBackend, request: object, **how: Any) -> None:
        now[0] += 1
        most[0] = max(most[0], now[0])
        told.acquire(timeout=20)
        now[0] -= 1

    def attack(number: int) -> int:
        try:
            answer = log_in(Client(), "x", name=f"n{number}", address=f"198.51.100.{number}")
        finally:
            connection.close()
        if answer == 503:
            told.release(2)
        return answer

    monkeypatch.setattr(ModelBackend, "authenticate", slow)
    with ThreadPoolExecutor(32) as clients:
        answers = Counter(clients.map(attack, range(32)))
    assert most == [1]
    assert answers[200] >= 1
    assert answers[503] >= 20
    assert set(answers) == {200, 503}


def refused(what: str) -> float:
    return REGISTRY.get_sample_value("notifications_desk_refused_total", {"what": what}) or 0


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


@pytest.mark.parametrize(
    ("entry", "address"),
    [
        ("203.0.113.9:4711", "203.0.113.9"),
        (" 203.0.113.9 ", "203.0.113.9"),
        ("[2001:db8:1:2::9]:4711", "2001:db8:1:2::"),
        ("[2001:db8:1:2::9]", "2001:db8:1:2::"),
        ('"[2001:db8:1:2::9]:4711"', "2001:db8:1:2::"),
        ("2001:db8:1:2::9", "2001:db8:1:2::"),
        ("2001:DB8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("[::ffff:203.0.113.9]:1", "203.0.113.9"),
        ("", "192.0.2.1"),
        ("unknown", "192.0.2.1"),
        ("_hidden", "192.0.2.1"),
        ("203.0.113.999", "192.0.2.1"),
        ("203.0.113.9:", "192.0.2.1"),
        ("203.0.113.9:999999", "192.0.2.1"),
        ("1" * 10_000, "192.0.2.1"),
        ("'; DROP TABLE axes_accessattempt; --", "192.0.2.1"),
    ],
)
def test_attack_6_what_a_proxy_writes_is_read_as_an_address_or_not_at_all(
    settings: LazySettings, entry: str, address: str
) -> None:
    settings.PROXY_COUNT = 1
    request = RequestFactory(REMOTE_ADDR="192.0.2.1").get(
        "/admin/", headers={"X-Forwarded-For": f"198.51.100.1, {entry}"}
    )
    assert client_address(request) == address


@given(st.text(max_size=80), st.text(max_size=40), st.integers(0, 3))
def test_whatever_stands_there_the_answer_is_an_address(
    forwarded: str, connected: str, proxies: int
) -> None:
    request = RequestFactory(REMOTE_ADDR=connected).get("/admin/")
    request.META["HTTP_X_FORWARDED_FOR"] = forwarded
    with override_settings(PROXY_COUNT=proxies):
        assert ip_address(client_address(request)).max_prefixlen in (32, 128)


@pytest.mark.parametrize("entry", ["203.0.113.9:4711", "[2001:db8::9]:4711", "unknown", ""])
def test_attack_6_log_ins_are_counted_whatever_the_proxy_writes(
    client: Client, anne: User, settings: LazySettings, entry: str
) -> None:
    settings.PROXY_COUNT = 1
    words = {"username": "anne", "password": "wrong"}
    answers = [
        client.post(reverse("admin:login"), words, headers={"X-Forwarded-For": entry}).status_code
        for _ in range(5)
    ]
    assert answers == [200] * 4 + [429]
