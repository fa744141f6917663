"""Each setting is read and judged at start: what would not work, or would let strangers in, is
named in a sentence. (Attacks A21 and A22.)"""

import string
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from config.setting_rules import this_machine
from config.setting_rules.judging import Judgement, judgements
from config.setting_rules.rule import Level
from config.setting_rules.table import RULES
from config.settings import reading
from config.settings.reading import Environment, with_files
from orders.senders.sms_senders import sender_name

ROOT = Path(__file__).resolve().parents[2]
Settings = Mapping[str, str]
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
SERVICES = [
    "ALTINN_WELL_KNOWN",
    "AUTHORIZATION_URL",
    "MASKINPORTEN_URL",
    "PROFILE_URL",
    "PUBLIC_BASE_URL",
    "REGISTER_URL",
    "SMS_GATEWAY_URL",
    "SSO_ISSUER",
]
THIS_MACHINE = [
    "localhost",
    "LOCALHOST",
    "localhost.",
    "localhost:8100",
    "api.localhost",
    "localhost.localdomain",
    "ip6-localhost",
    "ip6-loopback",
    "127.0.0.1",
    "127.0.0.1.",
    "127.0.0.1.nip.io",
    "127.8.9.10",
    "127.1",
    "0177.0.0.1",
    "0x7f.1",
    "0x7f000001",
    "2130706433",
    "017700000001",
    "0",
    "0.0.0.0",
    "0.0.0.1",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "１２７.0.0.1",  # noqa: RUF001
    "127。0。0。1",
]


def said(production: Settings, changes: Settings) -> list[Judgement]:
    return list(judgements({**production, **changes}))


def only(name: str, value: str) -> Judgement:
    """What is said of one setting."""
    found = list(judgements({name: value}))
    assert any(one.says.startswith(name) for one in found), f"{name}={value!r} starts unheard"
    return next(one for one in found if one.says.startswith(name))


def test_nothing_is_said_of_a_complete_production(production: Settings) -> None:
    assert said(production, {}) == []


# --- What cannot be read ---------------------------------------------------------------------


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


# --- What no production may be ---------------------------------------------------------------


@pytest.mark.parametrize("name", SERVICES)
def test_attack_21_no_spelling_of_this_machine_is_a_service(name: str) -> None:
    for host in THIS_MACHINE:
        found = only(name, f"https://{host}/api/")
        assert (found.level, "this machine" in found.says) == (Level.UNFIT, True), host


@pytest.mark.parametrize("host", ["169.254.169.254", "[fe80::1]", "simulators", "simulators:8100"])
def test_nor_is_the_platform_or_the_simulators(host: str) -> None:
    assert only("PROFILE_URL", f"https://{host}/api/").level is Level.UNFIT


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector.example:4318"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://169.254.169.254"),
        ("SENTRY_DSN", "http://key@sentry.example.no/1"),
    ],
)
def test_nor_is_anything_told_without_tls_beyond_this_machine(name: str, value: str) -> None:
    assert only(name, value).level is Level.UNFIT


@pytest.mark.parametrize(
    "host", ["10.1.2.3", "profile", "profile.altinn.svc", "[fd00::1]", "1.1.1.1"]
)
def test_a_service_may_be_within_the_same_network(production: Settings, host: str) -> None:
    assert said(production, {"PROFILE_URL": f"https://{host}:8443/api/"}) == []


@pytest.mark.parametrize(
    ("name", "values"),
    [
        (
            "DATABASE_URL",
            [
                "postgres://user@db/n?sslmode=verify-full&sslrootcert=/etc/ca.pem",
                "postgresql:///n?host=/var/run/postgresql",
                "postgresql://user:p%40s%2Fs%23@db.svc:5432/n?connect_timeout=5",
                "postgresql://user:p@[fd00::1]:5432/n?target_session_attrs=read-write",
                "postgresql://user:p@%2Fvar%2Frun/n?assume_role=app",
            ],
        ),
        (
            "REDIS_URL",
            [
                "redis://redis",
                "redis://redis:6379/",
                "redis://user:p%40s@redis_1:6379/15",
                "redis://[fd00::1]:6379/0?health_check_interval=10",
                "rediss://:p@10.0.0.5:6380/0?ssl_cert_reqs=required&ssl_ca_certs=/etc/ca.pem",
            ],
        ),
        (
            "EMAIL_URL",
            [
                "smtp://[fd00::1]:25/",
                "smtp://10.0.0.1",
                "smtp+tls://user%40example.no:a%2Fb%23@mail:587",
                "smtps://user:p@mail_1.example.no:465",
            ],
        ),
        (
            "PROFILE_URL",
            [
                "https://10.0.0.5/",
                "https://[fd00::1]:8443/",
                "https://host_1.svc/",
                "https://bücher.example/",
                "https://altinn.example.:443/a/",
            ],
        ),
        ("ALLOWED_HOSTS", ["a.no, .b.no", "10.0.0.5", "[fd00::1]", "xn--bcher-kva.example"]),
        ("CSRF_TRUSTED_ORIGINS", ["https://a.no:8443,https://*.example.no"]),
        ("SEND_CONDITION_ALLOWED_HOSTS", ["condition.svc, 10.0.0.5", "fd00::1", "[fd00::1]"]),
        ("WORKER_METRICS_HOST", ["0.0.0.0", "::", "[::]", "10.0.0.5"]),
        ("PLATFORM_TOKEN_JWKS", ["https://keys.example/orgs/{issuer}/{issuer}.json"]),
        ("EMAIL_BACKEND", ["anymail.backends.mailgun.EmailBackend"]),
        (
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            ["https://otel.example.no", "https://otel.svc:4318/tenant", "http://127.0.0.1:4318"],
        ),
        ("OTEL_EXPORTER_OTLP_HEADERS", ["api-key=k==, x-tenant=ttd", "authorization=Basic%20a"]),
        ("SENTRY_DSN", ["https://key@o1.ingest.sentry.io/22", "https://k:s@sentry.svc:9/a/1"]),
    ],
)
def test_what_a_network_of_ones_own_needs_is_taken(name: str, values: list[str]) -> None:
    for value in values:
        assert [one.says for one in judgements({name: value}) if one.says.startswith(name)] == []


def test_what_this_machine_is_called_by_its_own_file_of_hosts(tmp_path: Path) -> None:
    hosts = tmp_path / "hosts"
    hosts.write_text(
        "127.0.1.1 Box box.example # a.example\n10.0.0.1 other\n# 127.0.0.1 not\n::1 six\n"
    )
    names = this_machine.own_names(hosts)
    assert {"box", "box.example", "six"} <= names
    assert not {"other", "not", "a.example"} & names


@pytest.mark.parametrize(
    "name", [*SERVICES, "CSRF_TRUSTED_ORIGINS", "ALTINN_ISSUERS", "ALTINN_JWKS"]
)
def test_nothing_is_asked_without_tls(name: str) -> None:
    found = only(name, "http://altinn.example")
    assert (found.level, "TLS" in found.says) == (Level.UNFIT, True)


SECRETS = {
    "SECRET_KEY": 32,
    "SMS_REPORTS_PASSWORD": 12,
    "METRICS_TOKEN": 16,
    "METRICS_API_KEY": 16,
    "TRIGGER_TOKEN": 16,
    "WEBHOOK_KEYS": 32,
}


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize(
    "value",
    [
        "x",
        "a" * 60,
        "ab" * 30,
        "abcdefgh" * 8,
        "0123456789" * 5,
        "changeme-x7f2k9m3q1w5z8r4t6y2u",
        "django-insecure-x7#k2@9mq!z$w8v_b4n6c1l5j3h0g",
        "PASSWORD-9f3b7c1d5e8a2046b7c9d1e3f5a7",
        "replace-me-9f3b7c1d5e8a2046b7c9d1e3",
        "only-for-tests-9f3b7c1d5e8a2046b7c9d1",
        "12345678901234567890123456789012",
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "zyxwvutsrqponmlkjihgfedcba9876543210",
        f"{'a' * 31}bcdefg",
        "Admin-9f3b7c1d5e8a2046b7c9d1e3f5a7",
        "hemmelig-9f3b7c1d5e8a2046b7c9d1e3f5",
    ],
)
def test_attack_21_a_secret_cannot_be_guessed(name: str, value: str) -> None:
    assert only(name, value).level is Level.UNFIT


@given(st.sampled_from(sorted(SECRETS)), st.uuids(version=4), st.uuids(version=4))
def test_a_random_secret_is_taken(name: str, one: UUID, other: UUID) -> None:
    drawn = one.hex + other.hex
    if len(set(drawn)) >= 10:
        assert not [f for f in judgements({name: drawn}) if f.says.startswith(name)]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALLOWED_HOSTS", "*"),
        ("ALLOWED_HOSTS", "notifications.example.no,*"),
        ("ALLOWED_HOSTS", ".no"),
        ("CSRF_TRUSTED_ORIGINS", "https://*"),
        ("CSRF_TRUSTED_ORIGINS", "https://*.no"),
        ("PROFILE_URL", "https://user:vafler@altinn.example/"),
        ("EMAIL_URL", "smtp+tls://vafler:vafler@mail.example:587"),
        ("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend"),
        ("EMAIL_BACKEND", "django.core.mail.backends.dummy.EmailBackend"),
        ("EMAIL_BACKEND", "django.core.mail.backends.locmem.EmailBackend"),
        ("DEVELOPMENT_TOKEN_KEY", "/keys/dev.pem"),
        ("DEVELOPMENT_TOKEN_ISSUER", "https://issuer.example"),
        ("SEND_CONDITION_TOKEN_OVER_HTTP", "true"),
        ("SEND_CONDITION_ALLOWED_HOSTS", "127.0.0.1"),
        ("SEND_CONDITION_ALLOWED_HOSTS", "condition.example, 127.1"),
        ("SEND_CONDITION_ALLOWED_HOSTS", "localhost"),
        ("SEND_CONDITION_ALLOWED_HOSTS", "::1"),
        ("SEND_CONDITION_ALLOWED_HOSTS", "169.254.169.254"),
        ("SEND_CONDITION_ALLOWED_HOSTS", "0xa9fea9fe"),
        ("SEND_CONDITION_ALLOWED_HOSTS", "::ffff:169.254.169.254"),
        ("SEND_CONDITION_ALLOWED_HOSTS", "fd00:ec2::254"),
        ("SEND_CONDITION_ALLOWED_HOSTS", "168.63.129.16"),
        ("SEND_CONDITION_ALLOWED_HOSTS", "metadata.google.internal."),
        ("SEND_CONDITION_ALLOWED_PORTS", "22"),
        ("SEND_CONDITION_ALLOWED_PORTS", "80,443,5432"),
        ("SEND_CONDITION_ALLOWED_PORTS", "6379"),
        ("SEND_CONDITION_ALLOWED_PORTS", "25"),
        ("PLATFORM_TOKEN_JWKS", "https://keys.example/all.json"),
        ("PLATFORM_TOKEN_JWKS", "http://keys.example/{issuer}.json"),
        ("PLATFORM_TOKEN_JWKS", "https://127.1/{issuer}.json"),
        ("PLATFORM_TOKEN_JWKS", "https://{issuer}/keys.json"),
        ("PLATFORM_TOKEN_JWKS", "https://{issuer}.example/keys.json"),
        ("ANYMAIL_WEBHOOK_SECRET", "a:b"),
        ("ANYMAIL_WEBHOOK_SECRET", "vafler-med-brunost:vafler-med-brunost"),
        ("ANYMAIL_MAILGUN_WEBHOOK_SIGNING_KEY", "a"),
        ("ANYMAIL_RESEND_SIGNING_SECRET", "aaaaaaaaaaaaaaaaaaaaaaaa"),
        ("SMS_REPORTS_PASSWORD", "e"),
    ],
)
def test_attack_21_what_would_let_strangers_in_is_refused_in_production(
    production: Settings, name: str, value: str
) -> None:
    assert only(name, value).level is Level.UNFIT


@pytest.mark.parametrize(
    "changes",
    [
        {"SMS_REPORTS_USER": "Vafler-med-brunost", "SMS_REPORTS_PASSWORD": "vafler-med-brunost"},
        {"SMS_GATEWAY_CLIENT": "kaffe-og-vafler"},
        {"METRICS_TOKEN": "", "WORKER_METRICS_HOST": "0.0.0.0", "WORKER_METRICS_PORT": "9100"},
    ],
)
def test_settings_that_do_not_go_together_are_refused(
    production: Settings, changes: Settings
) -> None:
    assert Level.UNFIT in [one.level for one in said(production, changes)]


SINGLE_SIGN_ON = {
    "SSO_ISSUER": "https://login.example.no/realms/etat",
    "SSO_CLIENT_ID": "support-desk",
    "SSO_CLIENT_SECRET": "given-by-the-provider",
    "SSO_AUDITOR_GROUPS": "audit",
}


@pytest.mark.parametrize("missing", SINGLE_SIGN_ON)
def test_single_sign_on_is_set_as_a_whole_or_not_at_all(production: Settings, missing: str) -> None:
    assert said(production, SINGLE_SIGN_ON) == []
    assert [one.level for one in said(production, {**SINGLE_SIGN_ON, missing: ""})] == [Level.WRONG]


# --- What a production is only warned of -----------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("METRICS_TOKEN", ""),
        ("PUBLIC_BASE_URL", ""),
        ("TLS_REDIRECT", "false"),
        ("HSTS_SECONDS", "0"),
        ("RETENTION_DAYS", "0"),
        ("LOG_LEVEL", "debug"),
        ("SEND_CONDITION_TEST_ENDPOINT", "true"),
        ("SMS_GATEWAY_PASSWORD", "d"),
        ("AUTHORIZATION_KEY", "aaaaaaaaaa"),
        ("DATABASE_URL", "postgresql://vafler:vafler@db/notifications"),
        ("EMAIL_URL", "smtp://vafler:med-brunost@mail.example:25"),
        ("LOOK_UP_TIMEOUT", "1"),
        ("MAX_RECIPIENTS", "1000000"),
        ("CREATOR_RECIPIENTS_PER_MINUTE", "10"),
    ],
)
def test_what_may_be_meant_is_warned_of(production: Settings, name: str, value: str) -> None:
    found = said({**production, "CREATOR_RECIPIENTS_PER_MINUTE": "999999"}, {name: value})
    assert [one.level for one in found] == [Level.DOUBTFUL]
    assert name in found[0].says


# --- Names -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("SMS_GATEWAY_PASWORD", "SMS_GATEWAY_PASSWORD"),
        ("sms_send_window", "SMS_SEND_WINDOW"),
        ("SEND_CONDITION_ALLOWED_HOST", "SEND_CONDITION_ALLOWED_HOSTS"),
        ("RESEND_AFTER_UNKNOWN_OUTCOM", "RESEND_AFTER_UNKNOWN_OUTCOME"),
        ("METRIC_TOKEN", "METRICS_TOKEN"),
    ],
)
def test_a_misspelt_name_is_refused_with_the_right_one(
    production: Settings, name: str, meant: str
) -> None:
    [found] = said(production, {name: "1"})
    assert (found.level, meant in found.hint) == (Level.WRONG, True)


def test_a_name_that_looks_like_ours_is_warned_of(production: Settings) -> None:
    [found] = said(production, {"SMS_RETRIES": "3"})
    assert found.level is Level.DOUBTFUL


@pytest.mark.parametrize(
    "name", ["SMS_GATEWAY_SERVICE_HOST", "DATABASE_PORT_5432_TCP_ADDR", "HOME"]
)
def test_other_peoples_names_are_none_of_our_business(production: Settings, name: str) -> None:
    assert said(production, {name: "1"}) == []


# --- Secrets in files ------------------------------------------------------------------------


@pytest.mark.parametrize("name", reading.SECRETS)
def test_a_secret_may_stand_in_a_file(production: Settings, tmp_path: Path, name: str) -> None:
    file = tmp_path / "secret"
    given = {
        "DATABASE_URL": production["DATABASE_URL"],
        "REDIS_URL": production["REDIS_URL"],
        "EMAIL_URL": production["EMAIL_URL"],
        "GATEWAYS": '{"sms": {}}',
        "OTEL_EXPORTER_OTLP_HEADERS": "api-key=vafler-med-brunost",
        "OUTGOING_PROXY": "http://us:vafler@proxy.example.no:3128",
        "SENTRY_DSN": "https://vafler@sentry.example.no/1",
    }.get(name, "vafler-med-brunost-og-0123-kaffe-i-fjellet")
    file.write_text(f"{given}\n")
    replaced = name.removesuffix("_FALLBACKS")
    whole = {**production, replaced: "kaffe-i-fjellet-og-0123-vafler-med-rom"}
    whole |= SINGLE_SIGN_ON if name in SINGLE_SIGN_ON else {}
    others = {key: value for key, value in whole.items() if key != name}
    assert list(judgements({**others, f"{name}_FILE": str(file)})) == []
    read = with_files({f"{name}_FILE": str(file)})
    assert Environment(read).str(name, default="") == given
    file.write_text("${NAME}\n")
    assert any(one.says.startswith(name) for one in judgements({f"{name}_FILE": str(file)}))


def test_keys_of_mail_providers_may_stand_in_files(production: Settings, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("anymail:vafler-med-brunost,anymail:kaffe-i-fjellet-0123\n")
    given = {"ANYMAIL_WEBHOOK_SECRET_FILE": str(file), "ANYMAIL_MAILGUN_API_KEY": "a,b"}
    assert list(judgements({**production, **given})) == []
    assert Environment(given).of_anymail() == {
        "WEBHOOK_SECRET": ["anymail:vafler-med-brunost", "anymail:kaffe-i-fjellet-0123"],
        "MAILGUN_API_KEY": "a,b",
    }
    file.write_text("anymail:vafler-med-brunost,kaffe-i-fjellet-0123\n")
    [found] = judgements({**production, **given})
    assert (found.level, found.says.split()[0]) == (Level.WRONG, "ANYMAIL_WEBHOOK_SECRET")


@pytest.mark.parametrize("name", [name for name in RULES if name.endswith("_FALLBACKS")])
def test_what_was_before_needs_what_is_now(production: Settings, name: str) -> None:
    replaced = name.removesuffix("_FALLBACKS")
    others = {key: value for key, value in production.items() if key != replaced}
    given = {name: "vafler-med-brunost-og-0123-kaffe-i-fjellet"}
    found = [one.says for one in judgements({**others, **given}) if one.level is Level.WRONG]
    assert found == [f"{name} is set, and {replaced} is not: it would count for nothing."]


def test_a_secret_that_is_not_there_or_there_twice_is_refused(
    production: Settings, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    others = {key: value for key, value in production.items() if key != "METRICS_TOKEN"}
    for path in (str(tmp_path / "nowhere"), str(tmp_path), str(empty), "\0"):
        found = list(judgements({**others, "METRICS_TOKEN_FILE": path}))
        assert [one.says for one in found if one.level is Level.WRONG] == [
            "METRICS_TOKEN_FILE leads to no file with a secret in it that can be read."
        ]
    [found_twice] = said(production, {"METRICS_TOKEN_FILE": str(empty)})
    assert found_twice.level is Level.WRONG
    [misspelt] = said(production, {"METRICS_TOKEN_FIEL": str(empty)})
    assert "METRICS_TOKEN_FILE" in misspelt.hint


# --- Together with the rest ------------------------------------------------------------------


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


# --- Proxies ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY"])
def test_a_proxy_that_counts_for_nothing_is_warned_of(production: Settings, name: str) -> None:
    proxy = "http://proxy.example.no:3128"
    [found] = said(production, {name: proxy})
    assert (found.level, "OUTGOING_PROXY" in found.hint) == (Level.DOUBTFUL, True)
    assert said(production, {name: proxy, "OUTGOING_PROXY": proxy}) == []


def test_exceptions_from_no_proxy_are_refused(production: Settings) -> None:
    assert Level.WRONG in {one.level for one in said(production, {"OUTGOING_PROXY_EXCEPT": "a.no"})}
