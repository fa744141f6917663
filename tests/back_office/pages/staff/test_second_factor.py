"""A password alone opens nothing where one-time codes are needed; a code is good once."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from axes.models import AccessAttempt
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.management import CommandError
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from back_office.audit.log import Actor, Why
from back_office.models import SecondFactor, StaffAction
from back_office.pages.staff import second_factor
from back_office.pages.staff.second_factor import MAX_FAILURES, accepts, issue
from tests.back_office.action_commands import REASON, run, run_json
from tests.back_office.one_time_codes import code_of
from tests.building import NOON

PASSWORD = "correct horse battery staple"
STEP = timedelta(seconds=30)
ODD, WHY = Actor("odd"), Why("A new phone")


@pytest.fixture
def anne(db: None) -> User:
    return User.objects.create_user("anne", password=PASSWORD, is_staff=True)


@pytest.fixture
def uri(anne: User) -> str:
    return issue(anne, by=ODD, why=WHY, now=NOON)


@pytest.fixture
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


def log_in(client: Client, code: str = "", password: str = PASSWORD) -> int:
    """302 if it is one; 200 if the form is shown again."""
    given = {"username": "anne", "password": password, "code": code}
    return client.post(reverse("admin:login"), given).status_code


def test_the_codes_are_those_of_the_standard() -> None:
    """https://datatracker.ietf.org/doc/html/rfc6238#appendix-B"""
    key = b"12345678901234567890"
    for seconds, code in ((59, b"287082"), (1111111109, b"081804"), (20000000000, b"353130")):
        assert second_factor._totp(key).generate(seconds) == code


def test_a_code_is_good_once_and_so_are_its_neighbours(anne: User, uri: str) -> None:
    early, now, late = (code_of(uri, NOON + steps * STEP) for steps in (-1, 0, 1))
    assert accepts(anne, early, now=NOON)
    assert accepts(anne, f"{now[:3]} {now[3:]}", now=NOON)
    assert not accepts(anne, now, now=NOON)
    assert not accepts(anne, early, now=NOON)
    assert accepts(anne, late, now=NOON)
    assert not accepts(anne, code_of(uri, NOON - 2 * STEP), now=NOON)
    assert not accepts(anne, code_of(uri, NOON + 3 * STEP), now=NOON)


def test_after_ten_wrong_codes_none_is_good_until_a_new_secret_is_issued(
    anne: User, uri: str
) -> None:
    for _ in range(MAX_FAILURES):
        assert not accepts(anne, "000000", now=NOON)
    assert not accepts(anne, code_of(uri, NOON), now=NOON)
    again = issue(anne, by=ODD, why=WHY, now=NOON)
    assert not accepts(anne, code_of(uri, NOON), now=NOON)
    assert accepts(anne, code_of(again, NOON), now=NOON)


def test_a_good_code_forgets_the_wrong_ones(anne: User, uri: str) -> None:
    for step in range(2):
        for _ in range(MAX_FAILURES - 1):
            assert not accepts(anne, "000000", now=NOON)
        assert accepts(anne, code_of(uri, NOON + step * STEP), now=NOON)


@pytest.mark.usefixtures("at_noon")
def test_a_password_is_not_enough(
    client: Client, settings: LazySettings, anne: User, uri: str
) -> None:
    settings.LOCAL_LOGIN_TOTP = True
    assert log_in(client) == log_in(client, "123456") == 200
    assert log_in(client, code_of(uri, NOON), password="wrong") == 200
    assert log_in(client, code_of(uri, NOON)) == 302
    assert log_in(Client(), code_of(uri, NOON)) == 200


def test_who_has_no_codes_does_not_get_in(
    client: Client, settings: LazySettings, anne: User
) -> None:
    settings.LOCAL_LOGIN_TOTP = True
    assert log_in(client, "123456") == 200
    settings.LOCAL_LOGIN_TOTP = False
    assert log_in(client) == 302


def test_who_has_codes_needs_them_also_where_others_do_not(
    client: Client, anne: User, uri: str
) -> None:
    User.objects.create_user("odd", password=PASSWORD, is_staff=True)
    assert log_in(client) == 200
    given = {"username": "odd", "password": PASSWORD, "code": ""}
    assert client.post(reverse("admin:login"), given).status_code == 302


def test_wrong_codes_count_like_wrong_passwords_and_are_not_kept(
    client: Client, settings: LazySettings, anne: User, uri: str
) -> None:
    settings.LOCAL_LOGIN_TOTP = True
    for _ in range(4):
        assert log_in(client, "135791") == 200
    assert log_in(client, "135791") == 429
    [attempt] = AccessAttempt.objects.all()
    assert "135791" not in attempt.post_data


def test_the_secret_is_sealed_and_opens_with_the_key_before(
    settings: LazySettings, anne: User, uri: str
) -> None:
    [secret] = parse_qs(urlsplit(uri).query)["secret"]
    assert secret not in SecondFactor.objects.get().secret
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key"
    assert accepts(anne, code_of(uri, NOON), now=NOON)
    settings.SECRET_KEY_FALLBACKS = []
    assert not accepts(anne, code_of(uri, NOON + STEP), now=NOON)


@pytest.mark.usefixtures("at_noon")
def test_the_command_prints_the_secret_once_and_says_so_in_the_audit_log(anne: User) -> None:
    assert "gets a secret, the first" in run("totp", "anne", "--dry-run")
    assert not SecondFactor.objects.exists()
    told = run_json("totp", "anne", *REASON)
    assert accepts(anne, code_of(told["uri"], NOON), now=NOON)
    assert "is good no longer" in run("totp", "anne", "--dry-run")
    again = run("totp", "anne", *REASON)
    assert "otpauth://totp/" in again
    assert told["secret"] not in again
    entries = StaffAction.objects.filter(what="CodesGot").order_by("id")
    assert [one.detail for one in entries] == [{"first": True}, {"first": False}]
    assert {one.reason for one in entries} == {"The gateway was down."}


def test_who_has_no_password_gets_no_codes(db: None) -> None:
    account = User(username="kari", is_staff=True)
    account.set_unusable_password()
    account.save()
    with pytest.raises(CommandError, match="does not log in with a password"):
        run("totp", "kari", *REASON)
    with pytest.raises(CommandError, match="no account"):
        run("totp", "nobody", *REASON)
