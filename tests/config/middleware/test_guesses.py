"""Attack A11: guessing a webhook's password is slow, seen, and nobody else's trouble."""

import base64
from time import monotonic

import pytest
from django.test import Client
from pytest_django import Settings
from structlog.testing import capture_logs

from config.middleware import guesses
from runtime.failures import Failures

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.dispatch.webhook_urls")]

SMS = "/notifications/sms/api/v1/reports"
MAIL = "/notifications/email/api/v1/mailgun/tracking"
REPORT = "<MSGLST><MSG><ID>1</ID><RCV>47</RCV><STATE>DELIVRD</STATE></MSG></MSGLST>"
GATEWAY, GUESSER = "192.0.2.1", "198.51.100.7"


@pytest.fixture(autouse=True)
def secrets(settings: Settings) -> None:
    settings.SMS_REPORTS_USER, settings.SMS_REPORTS_PASSWORD = "gateway", "the right one"
    settings.ANYMAIL = {"MAILGUN_WEBHOOK_SIGNING_KEY": "signing-key"}


def post(client: Client, word: str, *, address: str = GUESSER) -> int:
    given = base64.b64encode(f"gateway:{word}".encode()).decode()
    return client.post(
        SMS,
        REPORT,
        content_type="text/xml",
        headers={"Authorization": f"Basic {given}"},
        REMOTE_ADDR=address,
    ).status_code


def counted(answer: str) -> float:
    for metric in guesses._GUESSES.collect():
        for sample in metric.samples:
            if sample.name.endswith("_total") and sample.labels["answer"] == answer:
                return sample.value
    raise LookupError(answer)


@pytest.fixture
def guessed(client: Client) -> Client:
    """After ten guesses."""
    assert {post(client, str(number)) for number in range(guesses.MAX_FAILURES)} == {401}
    return client


def test_the_eleventh_guess_in_a_minute_is_not_looked_at(guessed: Client) -> None:
    assert post(guessed, "another") == 429
    assert post(guessed, "the right one") == 429


def test_others_at_other_addresses_are_not_shut_out(guessed: Client) -> None:
    assert post(guessed, "the right one", address=GATEWAY) == 200


def test_the_next_minute_is_another_one(guessed: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    a_minute_on = monotonic() + guesses.SECONDS
    monkeypatch.setattr("runtime.failures.monotonic", lambda: a_minute_on)
    assert post(guessed, "the right one") == 200


def test_who_has_proven_itself_is_never_shut_out(client: Client) -> None:
    """Where a proxy hides who calls, everybody has the gateway's address."""
    assert post(client, "the right one", address=GATEWAY) == 200
    for number in range(3 * guesses.MAX_FAILURES):
        assert post(client, str(number), address=GATEWAY) == 401
    assert post(client, "the right one", address=GATEWAY) == 200


@pytest.mark.parametrize("path", [SMS, MAIL])
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT"])
def test_only_a_post_that_was_taken_proves_anything(client: Client, path: str, method: str) -> None:
    client.generic(method, path, REMOTE_ADDR=GUESSER)
    assert [post(client, str(number)) for number in range(guesses.MAX_FAILURES + 1)][-1] == 429


@pytest.mark.parametrize("form", ["Basic {}", "basic\t{}", "BASIC  \t {}", " Basic {} "])
def test_a_guess_is_one_however_the_header_is_spaced(
    client: Client, settings: Settings, form: str
) -> None:
    """anymail splits it at any white space."""
    settings.ANYMAIL = {**settings.ANYMAIL, "WEBHOOK_SECRET": "mail:the right one"}
    header = form.format(base64.b64encode(b"mail:wrong").decode())
    answers = [
        client.post(
            MAIL, "{}", content_type="application/json", headers={"Authorization": header}
        ).status_code
        for _ in range(guesses.MAX_FAILURES + 1)
    ]
    assert answers[-1] == 429


def test_guesses_at_the_password_of_mail_events_count_too(
    client: Client, settings: Settings
) -> None:
    settings.ANYMAIL = {**settings.ANYMAIL, "WEBHOOK_SECRET": "mail:the right one"}
    wrong = {"Authorization": "Basic " + base64.b64encode(b"mail:wrong").decode()}
    answers = [
        client.post(MAIL, "{}", content_type="application/json", headers=wrong).status_code
        for _ in range(guesses.MAX_FAILURES + 1)
    ]
    assert answers == [400] * guesses.MAX_FAILURES + [429]


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer x"}])
@pytest.mark.parametrize("path", [SMS, MAIL])
def test_who_brings_no_password_is_refused_and_nothing_more(
    client: Client, path: str, header: dict[str, str]
) -> None:
    answers = {
        client.post(path, "{}", content_type="application/json", headers=header).status_code
        for _ in range(2 * guesses.MAX_FAILURES)
    }
    assert answers == {401 if path == SMS else 400}


def test_guesses_are_counted_and_logged_once_without_the_password(client: Client) -> None:
    before = counted("wrong"), counted("refused")
    with capture_logs() as logs:
        for number in range(guesses.MAX_FAILURES + 5):
            post(client, f"secret-{number}")
    assert (counted("wrong"), counted("refused")) == (
        before[0] + guesses.MAX_FAILURES,
        before[1] + 5,
    )
    told = [line for line in logs if "guesses" in line["event"]]
    assert [line["address"] for line in told] == [GUESSER]
    assert "secret-" not in str(logs)


def test_whoever_comes_from_ever_new_addresses_fills_no_memory() -> None:
    failures = Failures(most=2, seconds=60, remembered=100)
    for number in range(1_000):
        failures.add(str(number))
    assert len(failures._since) == 100
    assert not failures.add("0")
    assert failures.add("0")
    assert failures.wait("0") > 59
    assert failures.wait("1") == 0
