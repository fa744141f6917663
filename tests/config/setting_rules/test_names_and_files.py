"""Names of settings, misspelt and other people's, and secrets that stand in files."""

from pathlib import Path

import pytest

from config.setting_rules.judging import judgements
from config.setting_rules.rule import Level
from config.setting_rules.table import RULES
from config.settings import reading
from config.settings.reading import Environment, with_files
from tests.config.setting_rules.said import SINGLE_SIGN_ON, Settings, said


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
