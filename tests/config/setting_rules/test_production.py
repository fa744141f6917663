"""Each setting is judged at start: what would let strangers in, or send secrets in the clear, is no
production's. (Attack A21.)"""

from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.setting_rules import this_machine
from config.setting_rules.judging import judgements
from config.setting_rules.rule import Level
from tests.config.setting_rules.said import SERVICES, SINGLE_SIGN_ON, Settings, only, said

ROOT = Path(__file__).resolve().parents[3]
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


def test_nothing_is_said_of_a_complete_production(production: Settings) -> None:
    assert said(production, {}) == []


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


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY"])
def test_a_proxy_that_counts_for_nothing_is_warned_of(production: Settings, name: str) -> None:
    proxy = "http://proxy.example.no:3128"
    [found] = said(production, {name: proxy})
    assert (found.level, "OUTGOING_PROXY" in found.hint) == (Level.DOUBTFUL, True)
    assert said(production, {name: proxy, "OUTGOING_PROXY": proxy}) == []


def test_exceptions_from_no_proxy_are_refused(production: Settings) -> None:
    assert Level.WRONG in {one.level for one in said(production, {"OUTGOING_PROXY_EXCEPT": "a.no"})}
