"""GATEWAYS is judged at start as all settings are, and nothing starts with one that cannot be."""

from typing import Any

import pytest
from django.conf import LazySettings

from config import checks
from config.setting_rules.gateways import judged
from config.setting_rules.judging import judgements
from config.setting_rules.rule import Level
from dispatch.gateways import configured
from dispatch.gateways.email.gateway import AnymailGateway, SmtpGateway
from dispatch.gateways.email.smtp import SmtpBackend
from dispatch.gateways.gateway import Gateway
from dispatch.urls import report_urls
from notifications.models import NotificationChannel

LINK_MOBILITY: dict[str, Any] = {
    "PROVIDER": "dispatch.gateways.link_mobility.gateway.LinkMobilityGateway",
    "OPTIONS": {
        "url": "https://gateway.example",
        "client": "c",
        "password": "kaffe-og-vafler",
        "reports_user": "e",
        "reports_password": "vafler-med-brunost",
    },
}
MAILGUN: dict[str, Any] = {
    "PROVIDER": "dispatch.gateways.email.gateway.AnymailGateway",
    "OPTIONS": {
        "provider": "mailgun",
        "keys": {"api_key": "1b9d6bcd2a3c4e5f"},
        "event_keys": {"webhook_signing_key": "2b9d6bcd2a3c4e5f"},
    },
}
SMTP: dict[str, Any] = {
    "PROVIDER": "dispatch.gateways.email.gateway.SmtpGateway",
    "OPTIONS": {"url": "smtp+tls://user:s3cret-word@mail.example:587"},
}


def with_option(entry: dict[str, Any], **options: object) -> dict[str, Any]:
    return {**entry, "OPTIONS": {**entry["OPTIONS"], **options}}


@pytest.mark.parametrize(
    "setting",
    [
        {},
        {"sms": {"main": LINK_MOBILITY}, "email": {"post": SMTP}},
        {"email": {"mailgun": MAILGUN}},
        {"sms": {"main": with_option(LINK_MOBILITY, in_flight=20)}},
    ],
)
def test_a_setting_that_is_right_is_taken(setting: object) -> None:
    assert list(judged(setting)) == []


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ([], "is no object"),
        ({"fax": {"main": LINK_MOBILITY}}, "names a channel that is none"),
        ({"sms": {}}, "names no gateways for sms"),
        ({"sms": ["main"]}, "names no gateways for sms"),
        ({"sms": {"Main one": LINK_MOBILITY}}, "by a name that is none"),
        ({"sms": {"main": "link_mobility"}}, "holds something else"),
        ({"sms": {"main": {**LINK_MOBILITY, "OPTOINS": {}}}}, "holds something else"),
        ({"sms": {"main": {}}}, "cannot be imported"),
        ({"sms": {"main": {"PROVIDER": "acme.Acme"}}}, "cannot be imported"),
        ({"sms": {"main": {"PROVIDER": "os.path.join"}}}, "is no gateway"),
        ({"sms": {"main": SMTP}}, "for another channel"),
        ({"sms": {"main": {**LINK_MOBILITY, "OPTIONS": []}}}, "are no object"),
        ({"sms": {"main": with_option(LINK_MOBILITY, url="")}}, "has no url"),
        ({"sms": {"main": with_option(LINK_MOBILITY, url="gateway")}}, "url is no https address"),
        ({"sms": {"main": with_option(LINK_MOBILITY, colour="red")}}, "does not know"),
        ({"sms": {"main": with_option(LINK_MOBILITY, in_flight=0)}}, "in_flight is out of range"),
        ({"sms": {"main": with_option(LINK_MOBILITY, client="${CLIENT}")}}, "template has left"),
        ({"email": {"a": with_option(MAILGUN, provider="pigeon")}}, "provider names no provider"),
        ({"email": {"a": with_option(MAILGUN, keys="secret")}}, "keys that are no object"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    settings: LazySettings, setting: object, says: str
) -> None:
    found = [one for one in judged(setting) if one.level is Level.WRONG]
    assert any(says in one.says for one in found), found
    settings.GATEWAYS = setting
    assert any(says in message.msg for message in checks.gateways_may_be_what_they_are())


class Plain(Gateway):
    """Takes no attachments."""

    channel = NotificationChannel.EMAIL


def test_where_no_gateway_sends_attachments_that_is_told() -> None:
    plain = {"PROVIDER": f"{__name__}.Plain"}
    [found] = judged({"email": {"plain": plain}})
    assert (found.level, "sends attachments" in found.says) == (Level.DOUBTFUL, True)
    assert list(judged({"email": {"plain": plain, "post": SMTP}})) == []


def test_a_secret_that_can_be_guessed_is_refused_in_production() -> None:
    guessed = with_option(LINK_MOBILITY, reports_password="passord-passord-1")
    [found] = judged({"sms": {"main": guessed}})
    assert (found.level, "reports_password looks like" in found.says) == (Level.UNFIT, True)
    assert "passord" not in found.says.replace("reports_password", "")


def test_what_is_set_for_one_provider_is_needed_only_where_it_counts(
    settings: LazySettings,
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert {"SMS_GATEWAY_URL", "SMS_REPORTS_USER", "EMAIL_URL"} <= set(checks.needed())
    settings.GATEWAYS = {"sms": {"main": LINK_MOBILITY}, "email": {"post": SMTP}}
    assert not {"SMS_GATEWAY_URL", "SMS_REPORTS_USER", "EMAIL_URL"} & set(checks.needed())


def test_each_gateway_reports_to_a_folder_of_its_own(settings: LazySettings) -> None:
    def addresses() -> list[str]:
        return [str(url.pattern) for url in report_urls(configured.all_gateways())]

    assert "sms/api/v1/reports" in addresses()
    settings.GATEWAYS = {"sms": {"main": LINK_MOBILITY}, "email": {"post": MAILGUN}}
    assert addresses() == [
        "email/api/v1/post/tracking",
        "email/api/v1/post/tracking/",
        "sms/api/v1/main/reports",
    ]


def test_a_setting_that_is_wrong_serves_nothing_and_raises_nothing(settings: LazySettings) -> None:
    settings.GATEWAYS = {"sms": {"main": {"PROVIDER": "acme.Acme"}}, "email": {"post": SMTP}}
    assert [one.name for one in configured.all_gateways()] == ["post"]


def test_a_mail_server_is_reached_as_its_url_says() -> None:
    backend = SmtpGateway("post", SMTP["OPTIONS"]).backend()
    assert isinstance(backend, SmtpBackend)
    found = (backend.host, backend.port, backend.username, backend.password, backend.use_tls)
    assert found == ("mail.example", 587, "user", "s3cret-word", True)


def test_a_provider_of_mail_has_its_keys_from_its_options() -> None:
    gateway = AnymailGateway("mailgun", MAILGUN["OPTIONS"])
    backend: Any = gateway.backend()
    assert backend.api_key == "1b9d6bcd2a3c4e5f"
    assert gateway.transport().reports_delivery
    assert gateway.channel is NotificationChannel.EMAIL


DEEP = '{"sms": ' + "[" * 100_000 + "]" * 100_000 + "}"
ODD: list[Any] = [
    None,
    True,
    1,
    1.5,
    "",
    "x" * 10_000,
    "\ud800",
    float("nan"),
    [],
    [1],
    {},
    {"a": 1},
]


@pytest.mark.parametrize(
    "written",
    ["[]", "1", "null", "{", '"sms"', DEEP, '{"sms": {"a": {}, "a": {}}}'],
    ids=lambda written: str(written)[:20],
)
def test_what_is_no_object_is_told_in_one_sentence(written: str) -> None:
    told = [one for one in judgements({"GATEWAYS": written}) if one.says.startswith("GATEWAYS ")]
    assert [one.level for one in told] == [Level.WRONG]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:12])
def test_whatever_stands_where_is_told_and_ends_nothing_in_a_traceback(odd: object) -> None:
    provider = LINK_MOBILITY["PROVIDER"]
    for setting in (
        odd if odd != {} else 0,
        {"sms": odd},
        {"sms": {"main": odd}},
        {"sms": {"main": {"PROVIDER": odd}}},
        {"sms": {"main": {"PROVIDER": provider, "OPTIONS": odd}}},
        {"sms": {"main": {"PROVIDER": provider, "OPTIONS": {}, "WEIGHT": odd}}},
    ):
        assert list(judged(setting)), setting
    for entry in (LINK_MOBILITY, MAILGUN, SMTP):
        for option in entry["OPTIONS"]:
            list(judged({"sms": {"main": with_option(entry, **{option: odd})}}))
            list(judged({"email": {"main": with_option(entry, **{option: odd})}}))
