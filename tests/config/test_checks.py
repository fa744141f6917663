"""A half-configured production refuses to start, and says what to set."""

import base64
import inspect
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace

import pytest
import structlog
from django.conf import LazySettings

from config import checks
from config.api.triggers import may_trigger
from config.prometheus.process import may_read
from dispatch.gateways.email.event_providers import PROVIDERS
from dispatch.gateways.option import OPTIONS, PROVIDER
from dispatch.gateways.proofs import is_basic
from notifications.api.metrics.key import refusal
from runtime.shared_secrets import is_one_of
from script.launcher.system.staying_here import held

ROOT = Path(__file__).resolve().parents[2]
WEB = ["-c", "import config.asgi"]
WORKER = ["-m", "celery", "-A", "config", "worker", "-P", "solo"]
BEAT = ["-m", "celery", "-A", "config", "beat"]
Settings = Mapping[str, str]


def start(command: list[str], settings: Settings) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **held(), **settings},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def read_from(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Settings], None]:
    """Has the checks see production's settings, as they are read from an environment."""
    settings.SILENCED_SYSTEM_CHECKS = []

    # Loggers that are there already would not be heard any more.
    monkeypatch.setattr(structlog, "configure", lambda **arguments: None)

    def read(environment: Settings) -> None:
        for name in {*os.environ} - {"PATH"}:
            monkeypatch.delenv(name)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        found = runpy.run_path(str(ROOT / "config" / "settings" / "base.py"))
        monkeypatch.setattr(checks, "settings", SimpleNamespace(**found))

    return read


def test_the_web_process_starts_with_everything_set(production: Settings) -> None:
    assert start(WEB, production).returncode == 0


@pytest.mark.parametrize("command", [WEB, WORKER, BEAT], ids=["web", "worker", "beat"])
def test_neither_web_nor_worker_nor_beat_starts_without_a_setting(
    production: Settings, command: list[str]
) -> None:
    done = start(command, {**production, "SMS_GATEWAY_URL": ""})
    assert done.returncode != 0
    assert "SMS_GATEWAY_URL is not set. Set SMS_GATEWAY_URL in the environment." in done.stderr


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"ALTINN_WELL_KNOWN": ""}, "No keys for bearer tokens."),
        (
            {"ALTINN_WELL_KNOWN": "", "ALTINN_JWKS": "/keys/altinn.json"},
            "ALTINN_JWKS is set without ALTINN_ISSUERS",
        ),
        ({"SMS_REPORTS_PASSWORD": ""}, "SMS_REPORTS_PASSWORD is not set."),
        ({"EMAIL_URL": ""}, "EMAIL_URL is not set."),
        ({"EMAIL_REPORTS_FROM": "mailgun"}, "Set ANYMAIL_MAILGUN_WEBHOOK_SIGNING_KEY or"),
        ({"EMAIL_REPORTS_FROM": "postmark"}, "Set ANYMAIL_WEBHOOK_SECRET."),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS is not set."),
        ({"EMAIL_HELO_NAME": "our server"}, "EMAIL_HELO_NAME, 'our server', is no host name"),
    ],
)
def test_what_would_let_strangers_in_is_refused(
    read_from: Callable[[Settings], None],
    production: Settings,
    changes: dict[str, str],
    complaint: str,
) -> None:
    read_from({**production, **changes})
    with pytest.raises(SystemExit, match=re.escape(complaint)):
        checks.refuse_half_configured()


def test_nothing_set_at_all_is_told_in_words() -> None:
    done = start(WEB, {})
    assert done.returncode != 0
    assert "SECRET_KEY is not set." in done.stderr
    assert "DATABASE_URL is not set." in done.stderr


def test_everything_that_is_missing_is_told_at_once(production: Settings) -> None:
    done = start(WEB, {**production, "PROFILE_URL": "", "REGISTER_URL": ""})
    assert "PROFILE_URL is not set." in done.stderr
    assert "REGISTER_URL is not set." in done.stderr


@pytest.mark.parametrize(
    "changes",
    [
        {
            "EMAIL_REPORTS_FROM": "mailgun",
            "ANYMAIL_MAILGUN_WEBHOOK_SIGNING_KEY": "1b9d6bcd2a3c4e5f",
        },
        {"EMAIL_REPORTS_FROM": "postmark", "ANYMAIL_WEBHOOK_SECRET": "anymail:vafler-med-brunost"},
        {"EMAIL_BACKEND": "anymail.backends.mailgun.EmailBackend", "EMAIL_URL": ""},
    ],
)
def test_a_provider_that_proves_itself_is_taken(
    read_from: Callable[[Settings], None], production: Settings, changes: dict[str, str]
) -> None:
    read_from({**production, **changes})
    checks.refuse_half_configured()


ODD_KEYS: list[tuple[str, dict[str, str], str]] = [
    ("amazon_ses", {"WEBHOOK_SECRET": "a:b"}, "AnymailImproperlyInstalled"),
    ("resend", {"RESEND_SIGNING_SECRET": "whsec_dmFmbGVy"}, "AnymailImproperlyInstalled"),
    ("sendgrid", {"SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY": "vafler"}, "ValueError"),
    ("mailersend", {"WEBHOOK_SECRET": "a:b"}, "AnymailConfigurationError"),
]


@pytest.mark.parametrize(("provider", "keys", "why"), ODD_KEYS)
def test_a_provider_whose_events_could_not_be_read_is_refused(
    settings: LazySettings, provider: str, keys: dict[str, str], why: str
) -> None:
    settings.EMAIL_REPORTS_FROM, settings.ANYMAIL = provider, keys
    said = [message.msg for message in checks.all_found()]
    assert f"The reports of gateway mail cannot be read ({why})." in said
    assert not any("vafler" in one for one in said)


@pytest.mark.parametrize(
    ("provider", "keys", "why"),
    [
        ("mailgun", {"api_key": "vafler"}, ""),
        ("mailgun", {"sender_domain": "vafler.example"}, "AnymailConfigurationError"),
        ("amazon_ses", {"client_params": "vafler"}, "AnymailImproperlyInstalled"),
    ],
)
def test_a_provider_that_could_not_be_used_is_refused(
    settings: LazySettings, provider: str, keys: dict[str, str], why: str
) -> None:
    way = "dispatch.gateways.email.gateway.AnymailGateway"
    entry = {PROVIDER: way, OPTIONS: {"provider": provider, "keys": keys}}
    settings.GATEWAYS, settings.ANYMAIL = {"email": {"primus": entry}}, {}
    said = [message.msg for message in checks.providers_can_be_used()]
    assert said == ([f"Gateway primus cannot be used ({why})."] if why else [])


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_with_a_password_the_events_of_others_can(settings: LazySettings, provider: str) -> None:
    settings.EMAIL_REPORTS_FROM = provider
    settings.ANYMAIL = {"WEBHOOK_SECRET": "a:b", "MAILGUN_WEBHOOK_SIGNING_KEY": "k"}
    settings.ANYMAIL |= {"MANDRILL_WEBHOOK_KEY": "k", "UNISENDER_GO_API_KEY": "k"}
    needs_more = provider in ("amazon_ses", "mailersend", "postal")
    assert bool(checks.events_can_be_read()) == needs_more


@pytest.mark.parametrize(
    ("name", "value", "library"),
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://otel.example.no", "opentelemetry"),
        ("SENTRY_DSN", "https://key@sentry.example.no/1", "sentry_sdk"),
    ],
)
def test_what_is_told_to_others_needs_its_library(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch, name: str, value: str, library: str
) -> None:
    monkeypatch.setattr(checks, "find_spec", lambda asked: None if asked == library else "there")
    assert checks.libraries_to_tell_with_are_there() == []
    setattr(settings, name, value)
    [found] = checks.libraries_to_tell_with_are_there()
    assert name in found.msg
    assert library in found.msg
    assert found.hint == "Install requirements-watching.txt."


def test_debug_is_refused(settings: LazySettings) -> None:
    assert not any("DEBUG is on" in error.msg for error in checks.all_found())
    settings.DEBUG = True
    assert any("DEBUG is on" in error.msg for error in checks.all_found())


def test_djangos_own_checks_find_nothing_to_say_about_production(production: Settings) -> None:
    """Static files and the database are not asked for."""
    done = start(["manage.py", "check", "--deploy", "--fail-level", "WARNING"], production)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout
    assert "WARNINGS" not in done.stderr


def test_the_webhooks_credentials_are_compared_in_constant_time() -> None:
    """A wrong user, password or scheme, and a right one: what counts is which function compares."""
    right = "Basic " + base64.b64encode(b"gateway:secret").decode()
    assert is_basic(right, user="gateway", passwords=["secret"])
    for wrong in ("", "Basic", "Basic !", right[:-4], right.replace("Basic", "Bearer")):
        assert not is_basic(wrong, user="gateway", passwords=["secret"])
    for asks in (is_basic, may_read, may_trigger, refusal):
        assert "is_one_of(" in inspect.getsource(asks)
    assert "compare_digest(" in inspect.getsource(is_one_of)
