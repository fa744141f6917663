"""Each setting is read at start: what cannot be read is named in a sentence. (Attack A22.)"""

import string
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from config.setting_rules.judging import judgements
from config.setting_rules.rule import Level
from config.setting_rules.table import RULES
from config.settings.reading import Environment
from orders.senders.sms_senders import sender_name
from tests.config.setting_rules.said import SERVICES, Settings, only, said

NUMBERS = [
    "MIN_BODY_RATE",
    "COMPOSED_EMAIL_IN_FLIGHT",
    "DATABASE_POOL_SIZE",
    "EMAIL_IN_FLIGHT",
    "MAX_ATTACHMENTS",
    "MAX_ATTACHMENTS_BYTES",
    "MAX_ATTACHMENT_BYTES",
    "MAX_BODY_BYTES",
    "MAX_RECIPIENTS",
    "MAX_REMINDERS",
    "MAX_SCHEDULE_DAYS",
    "MAX_TEXT_BYTES",
    "MAX_WEBHOOKS",
    "ORDER_GIVE_UP_HOURS",
    "SMS_IN_FLIGHT",
    "WEBHOOK_IN_FLIGHT",
    "WEBHOOK_IN_FLIGHT_OF_EACH",
    "WEB_THREADS",
]
FROM_NOUGHT = [
    "CREATOR_RECIPIENTS_PER_MINUTE",
    "CREATOR_REQUESTS_PER_MINUTE",
    "END_USER_REQUESTS_PER_MINUTE",
    "HSTS_SECONDS",
    "PROXY_COUNT",
    "RETENTION_DAYS",
    "WEBHOOK_RETENTION_DAYS",
    "WORKER_METRICS_PORT",
]
SECONDS = [
    "BODY_SECONDS",
    "EMAIL_TIMEOUT",
    "LOOK_UP_TIMEOUT",
    "REGISTER_CALL_TIMEOUT",
    "SSO_TIMEOUT",
]
SWITCHES = [
    "RESEND_AFTER_UNKNOWN_OUTCOME",
    "SEND_CONDITION_FAIL_OPEN",
    "SEND_CONDITION_TEST_ENDPOINT",
    "SEND_CONDITION_TOKEN_OVER_HTTP",
    "TLS_REDIRECT",
]


@pytest.mark.parametrize("name", NUMBERS + FROM_NOUGHT)
def test_a_number_is_whole_and_in_its_range(name: str) -> None:
    for value in ("abc", "1.5", "1e3", "-1", "1_000", "٣", "10 000", "99999999999"):
        assert only(name, value).level is Level.WRONG, value


@pytest.mark.parametrize("name", NUMBERS)
def test_nought_is_no_size(name: str) -> None:
    assert only(name, "0").level is Level.WRONG


@pytest.mark.parametrize("name", SECONDS)
def test_a_time_out_is_a_number_of_seconds(name: str) -> None:
    for value in ["0", "-1", "nan", "inf", "-inf", "1e999", "5s", "5,0", "99999"]:
        assert only(name, value).level is Level.WRONG, value


@pytest.mark.parametrize("name", SWITCHES)
def test_a_switch_is_on_or_off(name: str) -> None:
    for value in ["Ja", "nei", "yess", "treu", "2", "-", "t", "None"]:
        assert only(name, value).level is Level.WRONG, value


WINDOWS = ["nonsense", "09-17", "9:00-17:00", "09:00 - 17:00", "09:00-17:00:00", "T0900-1700"]
WINDOWS += [
    "17:00-09:00",
    "09:00-09:00",
    "24:00-24:00",
    "00:00-00:00",
    "09:00-25:00",
    "09:60-17:00",
]
WINDOWS += ["09:00", "-", "09:00-", "-17:00", "09:00-17:00,", "\u0660\u0669:00-17:00"]


def test_attack_22_a_send_window_is_one() -> None:
    for value in WINDOWS:
        assert only("SMS_SEND_WINDOW", value).level is Level.WRONG, value


@pytest.mark.parametrize("value", ["01:00-02:00", "02:00-03:00", "02:30-02:31", "00:00-24:00"])
def test_a_window_at_night_is_as_good_as_any(production: Settings, value: str) -> None:
    assert said(production, {"SMS_SEND_WINDOW": value}) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOG_LEVEL", "LOUD"),
        ("DATABASE_URL", "mysql://a:b@db/notifications"),
        ("DATABASE_URL", "postgresql://db:port/notifications"),
        ("DATABASE_URL", "postgresql://db/"),
        ("DATABASE_URL", "notifications"),
        ("REDIS_URL", "http://redis:6379/0"),
        ("REDIS_URL", "redis://redis:6379/first"),
        ("REDIS_URL", "redis://redis:99999/0"),
        ("REDIS_URL", "redis"),
        ("EMAIL_URL", "dummymail://"),
        ("EMAIL_URL", "consolemail://"),
        ("EMAIL_URL", "http://mail.example:25"),
        ("EMAIL_URL", "smtp://mail.example:smtp"),
        ("EMAIL_URL", "mail.example:25"),
        ("EMAIL_URL", "smtp+tls://vafler:bl%C3%A5b%C3%A6r@mail.example:587"),
        ("EMAIL_URL", "smtp+tls://vaffelrøre:brunost@mail.example:587"),
        ("EMAIL_BACKEND", "anymail.backends.pigeon.EmailBackend"),
        ("EMAIL_BACKEND", "smtp"),
        ("EMAIL_BACKEND", "..."),
        ("EMAIL_BACKEND", "os.path.join"),
        ("EMAIL_BACKEND", "django.core.mail.EmailMessage"),
        ("EMAIL_URL", "smtp+tls://user:1#23@mail.example:587"),
        ("EMAIL_URL", "smtp+tls://user:1/23@mail.example:587"),
        ("EMAIL_URL", "smtp://mail..example:25"),
        ("EMAIL_URL", "smtp://*:25"),
        ("DATABASE_URL", "postgresql://user:1/23@db/notifications"),
        ("DATABASE_URL", "postgresql://user:1#23@db/notifications"),
        ("DATABASE_URL", "postgresql:/db/notifications"),
        ("DATABASE_URL", "postgresql:db/notifications"),
        ("DATABASE_URL", "postgresql://db/notifications?bogus=1"),
        ("DATABASE_URL", "postgresql://db/notifications?sslmode=verify"),
        ("DATABASE_URL", "postgresql://db/notifications?connect_timeout=5s"),
        ("REDIS_URL", "redis://redis/0?bogus=1"),
        ("REDIS_URL", "redis://redis/0?socket_timeout=5s"),
        ("REDIS_URL", "redis://redis/?db=first"),
        ("REDIS_URL", "rediss://redis/0?ssl_cert_reqs=never"),
        ("REDIS_URL", "redis://redis/99999999999999"),
        ("REDIS_URL", "redis://redis/0#1"),
        ("REDIS_URL", "redis://one,two/0"),
        ("REDIS_URL", "redis://redis/\u0663"),
        ("ALLOWED_HOSTS", "a..example"),
        ("ALLOWED_HOSTS", "..example"),
        ("ALLOWED_HOSTS", "notifications.example.no."),
        ("ALLOWED_HOSTS", "999.1.1.1"),
        ("ALLOWED_HOSTS", "-"),
        ("SEND_CONDITION_ALLOWED_HOSTS", ".internal"),
        ("SEND_CONDITION_ALLOWED_HOSTS", "10.0.0.0/8"),
        ("SEND_CONDITION_ALLOWED_HOSTS", "10.0.0.*"),
        ("WORKER_METRICS_HOST", "999.9.9.9"),
        ("ALTINN_ISSUERS", "https://a.example;https://b.example"),
        ("PLATFORM_TOKEN_JWKS", "https://keys.example/{issuer}/{org}.json"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector.example:4318"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "grpc://127.0.0.1:4317"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:port"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "api-key"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "api key=k"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=k,=k"),
        ("OUTGOING_PROXY", "socks5://proxy.example.no:1080"),
        ("OUTGOING_PROXY", "http://proxy.example.no:3128/path"),
        ("OUTGOING_PROXY_EXCEPT", "https://altinn.no"),
        ("SENTRY_DSN", "https://sentry.example.no/1"),
        ("SENTRY_DSN", "https://key@sentry.example.no"),
        ("SENTRY_DSN", "https://key@sentry.example.no/project"),
        ("SENTRY_DSN", "key@sentry.example.no/1"),
        ("SENTRY_DSN", "ftp://key@sentry.example.no/1"),
        ("EMAIL_REPORTS_FROM", "pigeon"),
        ("EMAIL_REPORTS_FROM", "Mailgun"),
        ("DEFAULT_EMAIL_FROM", "noreply"),
        ("DEFAULT_EMAIL_FROM", "no reply@altinn.cloud"),
        ("SMS_TOO_LONG", "cut"),
        ("SMS_SENDER_BY_COUNTRY", "358=Altinn"),
        ("ENVIRONMENT_NAME", "a/b"),
        ("DEFAULT_SMS_SENDER", "Altinn Notifications"),
        ("DEFAULT_SMS_SENDER", "Brønnøysund"),
        ("DEFAULT_SMS_SENDER", "+4712345678901234"),
        ("DEFAULT_SMS_SENDER", "!!"),
        ("SMS_REPORTS_USER", "gate:way"),
        ("ALLOWED_HOSTS", "https://notifications.example.no"),
        ("ALLOWED_HOSTS", "notifications.example.no:8000"),
        ("ALLOWED_HOSTS", "*.example.no"),
        ("CSRF_TRUSTED_ORIGINS", "desk.example.no"),
        ("CSRF_TRUSTED_ORIGINS", "https://desk.example.no/admin"),
        ("SEND_CONDITION_ALLOWED_HOSTS", "https://condition.example"),
        ("SEND_CONDITION_ALLOWED_HOSTS", "*"),
        ("SEND_CONDITION_ALLOWED_PORTS", "https"),
        ("SEND_CONDITION_ALLOWED_PORTS", "0"),
        ("SEND_CONDITION_ALLOWED_PORTS", "443,65536"),
        ("SEND_CONDITION_ALLOWED_PORTS", "80;443"),
        ("PLATFORM_TOKEN_KEY", "/no/such/file.pem"),
        ("PLATFORM_TOKEN_KEY", "/"),
        ("MASKINPORTEN_KEY", "-----BEGIN PRIVATE KEY-----"),
        ("ALTINN_JWKS", "/no/such/file.json"),
        ("PLATFORM_TOKEN_JWKS", "/no/such/folder/{issuer}.json"),
        ("PROMETHEUS_MULTIPROC_DIR", "/no/such/folder"),
        ("PROMETHEUS_MULTIPROC_DIR", "x" * 100_000),
        ("WORKER_METRICS_HOST", "http://0.0.0.0"),
        ("ANYMAIL_WEBHOOK_SECRET", "vafler-med-brunost"),
    ],
)
def test_what_cannot_be_read_is_refused_everywhere(name: str, value: str) -> None:
    assert only(name, value).level is Level.WRONG


NO_ADDRESSES = [
    "altinn.example",
    "ftp://altinn.example/",
    "https://",
    "https:///path",
    "https://a b.example/",
    "https://altinn.example:port/",
    "https://altinn.example:0/",
    "https://altinn.example:99999/",
    "//altinn.example/",
    "https://[::1/",
    "https://altinn.example\\@evil.example/",
    "https://altinn.example/?a=b",
    "https://altinn.example/#a",
    "https://%31altinn.example/",
    "https://altinn..example/",
    "https://.example/",
    "https://-altinn.example/",
    "https://*.altinn.example/",
    "https://altinn,example/",
    "https://altinn.example,https://other.example",
    "https://altinn.example;a",
    "https://999.1.1.1/",
    f"https://{'a' * 64}.example/",
    "https://altinn.example/{org}/",
]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_an_address_of_the_web(name: str) -> None:
    for value in NO_ADDRESSES:
        assert only(name, value).level is Level.WRONG, value


@pytest.mark.parametrize("form", ["{} ", " {}", "{}\n", "\t{}", "${{NAME}}", "{{{{ a }}}}", "<a>"])
def test_no_setting_has_white_space_around_it_or_is_a_gap_of_a_template(
    production: Settings, form: str
) -> None:
    odd = {name: form.format(production.get(name, "1")) for name in RULES}
    told = {one.says.split()[0] for one in judgements(odd) if one.level is Level.WRONG}
    assert set(odd) - told == set()


@pytest.mark.parametrize("kind", ["elliptic", "short", "locked"])
def test_a_key_that_cannot_sign_is_refused(production: Settings, tmp_path: Path, kind: str) -> None:
    file = tmp_path / "key.pem"
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    if kind == "elliptic":
        key = ec.generate_private_key(ec.SECP256R1())
    else:
        key = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    if kind == "locked":
        file.write_text("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n")
    assert only("MASKINPORTEN_KEY", str(file)).level in (Level.WRONG, Level.UNFIT)


@given(st.sampled_from(sorted(RULES)), st.text(string.printable, max_size=40))
def test_whatever_a_setting_holds_it_is_judged_without_a_traceback(name: str, value: str) -> None:
    for found in judgements({name: value}):
        assert found.says.endswith(".")
        assert found.hint.endswith(".")


@given(st.sampled_from(sorted(RULES)), st.uuids())
def test_no_sentence_repeats_what_may_be_a_secret(name: str, value: UUID) -> None:
    for form in ("{}", "x://user:{}@host", " {}", "http://{}"):
        for found in judgements({name: form.format(value.hex)}):
            assert value.hex not in found.says + found.hint


@given(st.text(max_size=12))
def test_whatever_cannot_be_read_leaves_the_default(value: str) -> None:
    env = Environment({"A": value})
    assert isinstance(env.int("A", default=7), int)
    assert isinstance(env.float("A", default=7.0), float)
    assert isinstance(env.bool("A", default=True), bool)


@given(st.text(string.ascii_letters + string.digits + " +-ø!", min_size=1, max_size=18))
def test_a_default_sender_that_is_taken_is_shown_as_it_is(sender: str) -> None:
    found = list(judgements({"DEFAULT_SMS_SENDER": sender}))
    if not any(one.says.startswith("DEFAULT_SMS_SENDER") for one in found):
        assert sender_name(sender) == sender.removeprefix("+")
