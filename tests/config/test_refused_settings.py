"""Of every setting there is a value that nothing starts with; all are told at once."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from config.setting_rules.judging import judgements
from config.setting_rules.rule import Level
from config.setting_rules.table import RULES
from script.launcher.system.staying_here import held

ROOT = Path(__file__).resolve().parents[2]
GUESSED = "password-password-password-password"
# Of a text that others choose only its edges can be wrong.
PASTED = " pasted"
REFUSED: Mapping[str, str] = {
    "SECRET_KEY": "k" * 50,
    "SECRET_KEY_FALLBACKS": GUESSED,
    "ALLOWED_HOSTS": "*",
    "CSRF_TRUSTED_ORIGINS": "desk.example.no",
    "TLS_REDIRECT": "Ja",
    "HSTS_SECONDS": "-1",
    "PROXY_COUNT": "11",
    "MAX_DESK_REQUESTS": "0",
    "SESSION_IDLE_MINUTES": "0",
    "LOCAL_LOGIN_TOTP": "maybe",
    "SSO_ISSUER": "http://login.example.no",
    "SSO_CLIENT_ID": PASTED,
    "SSO_CLIENT_SECRET": PASTED,
    "SSO_GROUP_CLAIM": PASTED,
    "SSO_SUPPORT_GROUPS": PASTED,
    "SSO_OPERATOR_GROUPS": PASTED,
    "SSO_AUDITOR_GROUPS": PASTED,
    "SSO_TIMEOUT": "0",
    "DATABASE_URL": "postgresql://db:port/notifications",
    "DATABASE_POOL_SIZE": "0",
    "WEB_THREADS": "four",
    "WEB_STATEMENT_SECONDS": "-1",
    "BODY_SECONDS": "10s",
    "MIN_BODY_RATE": "0",
    "LEAVING_SECONDS": "61",
    "REDIS_URL": "redis",
    "PUBLIC_BASE_URL": "https://[::1/",
    "LOG_LEVEL": "LOUD",
    "ALTINN_WELL_KNOWN": "http://127.0.0.1:9/.well-known/openid-configuration",
    "ALTINN_JWKS": "/no/such/file.json",
    "ALTINN_ISSUERS": "https://a.example;https://b.example",
    "PLATFORM_TOKEN_JWKS": "/no/such/folder/{issuer}.json",
    "DEVELOPMENT_TOKEN_KEY": "/keys/dev.pem",
    "DEVELOPMENT_TOKEN_ISSUER": "https://issuer.example",
    "PROFILE_URL": "profile",
    "DIALOGPORTEN_URL": "ftp://dialogporten.example/",
    "REGISTER_URL": "https://localhost/register/",
    "AUTHORIZATION_URL": "https://altinn.example:port/",
    "AUTHORIZATION_KEY": PASTED,
    "PLATFORM_TOKEN_KEY": "/no/such/file.pem",
    "MASKINPORTEN_URL": "https://maskinporten..example/token",
    "MASKINPORTEN_CLIENT_ID": PASTED,
    "MASKINPORTEN_KEY": "/",
    "REGISTER_CALL_TIMEOUT": "nan",
    "LOOK_UP_TIMEOUT": "121",
    "SEND_CONDITION_ALLOWED_HOSTS": "127.0.0.1",
    "SEND_CONDITION_ALLOWED_PORTS": "http",
    "SEND_CONDITION_TOKEN_OVER_HTTP": "true",
    "SEND_CONDITION_FAIL_OPEN": "nei",
    "SEND_CONDITION_TEST_ENDPOINT": "2",
    "ATTACHMENT_HOSTS": "https://files.example",
    "ATTACHMENT_ALLOWED_HOSTS": "169.254.169.254",
    "MAX_ATTACHMENT_BYTES": "0",
    "MAX_ATTACHMENTS_BYTES": "1e6",
    "MAX_ATTACHMENTS": "0",
    "MAX_RECIPIENTS": "0",
    "MAX_REMINDERS": "0",
    "MAX_SCHEDULE_DAYS": "0",
    "MAX_TEXT_BYTES": "64k",
    "MAX_BODY_BYTES": "999",
    "CREATOR_REQUESTS_PER_MINUTE": "-1",
    "END_USER_REQUESTS_PER_MINUTE": "-1",
    "CREATOR_RECIPIENTS_PER_MINUTE": "-1",
    "ORDER_GIVE_UP_HOURS": "0",
    "CASE_REFERENCE_PATTERN": "(",
    "AUDIT_KEYS": GUESSED,
    "MAX_UNMASKED_ROWS": "-1",
    "AUDIT_VIEWS_DAYS": "-1",
    "DETACH_AFTER_MONTHS": "-1",
    "RETENTION_DAYS": "-1",
    "DIALOG_LOG_DAYS": "-1",
    "LATE_NOTIFICATION_MINUTES": "0",
    "WEBHOOK_KEYS": GUESSED,
    "WEBHOOK_ALLOWED_HOSTS": "*",
    "WEBHOOK_ALLOWED_PORTS": "22",
    "WEBHOOK_IN_FLIGHT": "0",
    "WEBHOOK_IN_FLIGHT_OF_EACH": "0",
    "WEBHOOK_RETENTION_DAYS": "-1",
    "MAX_WEBHOOKS": "0",
    "GATEWAYS": "{",
    "SMS_SEND_WINDOW": "nonsense",
    "SMS_GATEWAY_URL": "http://127.0.0.1:9/",
    "SMS_GATEWAY_CLIENT": PASTED,
    "SMS_GATEWAY_PASSWORD": PASTED,
    "SMS_REPORTS_USER": "gate:way",
    "SMS_REPORTS_PASSWORD": "e",
    "SMS_REPORTS_PASSWORD_FALLBACKS": GUESSED,
    "ENFORCE_SENDERS": "enforced",
    "TEST_MODE": "tests",
    "TEST_MODE_ALLOWS": "99999999",
    "SENDER_SPF_INCLUDE": "include:spf.example.no",
    "SENDER_DKIM_SELECTOR": "our selector",
    "SENDER_DKIM_KEY": "v=DKIM1; p=MIGf",
    "SENDER_ENVELOPE_DOMAIN": "bounces",
    "SENDER_DNS": "dns.example.no",
    "DEFAULT_SMS_SENDER": "Altinn Notifications",
    "SMS_SENDER_BY_COUNTRY": "358=Altinn",
    "SMS_PART_PRICE": "0,50",
    "SMS_TOO_LONG": "cut",
    "SMS_PLAIN_TYPOGRAPHY": "perhaps",
    "SMS_IN_FLIGHT": "0",
    "EMAIL_URL": "pigeon://mail",
    "EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend",
    "EMAIL_HELO_NAME": PASTED,
    "EMAIL_REPORTS_FROM": "pigeon",
    "EMAIL_REPORTS_FRESH_MINUTES": "0",
    "DEFAULT_EMAIL_FROM": "noreply",
    "EMAIL_TIMEOUT": "nan",
    "EMAIL_IN_FLIGHT": "0",
    "COMPOSED_EMAIL_IN_FLIGHT": "0",
    "METRICS_TOKEN": "x",
    "METRICS_TOKEN_FALLBACKS": GUESSED,
    "METRICS_API_KEY": "x",
    "METRICS_API_KEY_FALLBACKS": GUESSED,
    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector.example:4318",
    "OTEL_EXPORTER_OTLP_HEADERS": "api-key",
    "OTEL_TRACES_SAMPLER_ARG": "2",
    "SENTRY_DSN": "https://sentry.example.no/1",
    "OUTGOING_PROXY": "proxy.example.no:3128",
    "OUTGOING_PROXY_EXCEPT": "*",
    "ENVIRONMENT_NAME": "a/b",
    "SUPPORT_EMAIL": "support",
    "TRIGGER_TOKEN": "x",
    "TRIGGER_TOKEN_FALLBACKS": GUESSED,
    "WORKER_METRICS_PORT": "65536",
    "WORKER_METRICS_HOST": "999.9.9.9",
    "PROMETHEUS_MULTIPROC_DIR": "/no/such/folder",
    "RESEND_AFTER_UNKNOWN_OUTCOME": "yess",
}
"""A new setting gets its line here, too. What is only warned of is tried elsewhere."""
PROGRAMS = {
    "web": ["-c", "import config.asgi"],
    "worker": ["-m", "celery", "-A", "config", "worker", "-P", "solo"],
    "beat": ["-m", "celery", "-A", "config", "beat"],
    "check": ["manage.py", "check", "--deploy"],
}


def test_every_setting_has_a_value_that_is_refused() -> None:
    assert REFUSED.keys() == RULES.keys()


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_in_a_sentence_that_names_it(name: str) -> None:
    told = [one for one in judgements({name: REFUSED[name]}) if one.says.startswith(f"{name} ")]
    assert [one.level for one in told if one.level is not Level.DOUBTFUL]
    assert f"Set {name} to " in told[0].hint


def run(words: list[str], production: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """With nothing but what is refused, and what a production has beside it."""
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **held(), **production, **REFUSED},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("program", PROGRAMS)
def test_nothing_starts_with_them_and_all_are_told_at_once(
    production: Mapping[str, str], program: str
) -> None:
    done = run(PROGRAMS[program], production)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert [name for name in REFUSED if f"Set {name} to " not in done.stderr] == []


def test_the_doctor_examines_even_that(production: Mapping[str, str]) -> None:
    done = run(["manage.py", "doctor", "--json"], production)
    assert "Traceback" not in done.stderr
    found = json.loads(done.stdout)
    told = " ".join(one["remedy"] for one in found if one["name"] == "settings")
    assert [name for name in REFUSED if f"Set {name} to " not in told] == []
    assert {"database", "broker", "Profile", "Maskinporten", "mail"} <= {o["name"] for o in found}
