"""What each reply of a mail server means."""

import pytest
from pytest_django import Settings

from dispatch.gateways.base import Evidence, OutcomeKind
from dispatch.gateways.email.transport import Email
from dispatch.models import ChannelPause
from notifications.models import NotificationStatus
from tests.dispatch.gateways.email.smtp.servers import S, Script, Servers, send


@pytest.mark.parametrize(
    ("command", "reply", "kind", "status"),
    [
        ("MAIL", "451 4.3.0 later", OutcomeKind.RETRY, None),
        ("MAIL", "553 5.1.8 bad sender", OutcomeKind.FAILED, S.FAILED),
        ("MAIL", "550 5.7.1 no relaying", OutcomeKind.PAUSE_CHANNEL, None),
        ("RCPT", "450 4.2.1 busy", OutcomeKind.RETRY, None),
        ("RCPT", "452 4.2.2 full", OutcomeKind.RETRY, None),
        ("RCPT", "421 4.3.2 closing", OutcomeKind.CHANNEL_ERROR, None),
        ("RCPT", "550 5.1.1 no such user", OutcomeKind.FAILED, S.FAILED_BOUNCED),
        ("RCPT", "551 5.1.6 not local", OutcomeKind.FAILED, S.FAILED_BOUNCED),
        ("RCPT", "501 5.1.3 syntax", OutcomeKind.FAILED, S.FAILED_INVALID_EMAIL_FORMAT),
        ("RCPT", "553 5.1.3 name", OutcomeKind.FAILED, S.FAILED_INVALID_EMAIL_FORMAT),
        ("RCPT", "554 5.7.1 refused", OutcomeKind.FAILED, S.FAILED),
        ("RCPT", "251 will forward", OutcomeKind.ACCEPTED, S.SUCCEEDED),
        ("DATA", "452 4.3.1 disk full", OutcomeKind.RETRY, None),
        ("DATA", "554 5.5.1 no recipients", OutcomeKind.FAILED, S.FAILED),
        ("DATA", "250 what", OutcomeKind.CHANNEL_ERROR, None),
        ("CONTENT", "451 4.7.1 greylisted", OutcomeKind.RETRY, None),
        ("CONTENT", "421 4.3.2 closing", OutcomeKind.CHANNEL_ERROR, None),
        ("CONTENT", "550 5.7.1 spam", OutcomeKind.FAILED, S.FAILED),
        ("CONTENT", "552 5.3.4 too large", OutcomeKind.FAILED, S.FAILED),
        ("MAIL", "421 4.3.2 closing", OutcomeKind.CHANNEL_ERROR, None),
    ],
)
def test_a_reply_is_judged_by_its_step(
    transport: Email,
    mail_server: Servers,
    command: str,
    reply: str,
    kind: OutcomeKind,
    status: NotificationStatus | None,
) -> None:
    mail_server(Script({command: reply}))
    outcome = send(transport)
    assert (outcome.kind, outcome.status) == (kind, status)


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA", "CONTENT"])
@pytest.mark.parametrize("code", [530, 534, 535])
def test_a_refused_log_in_waits_for_somebody_to_act(
    transport: Email, mail_server: Servers, command: str, code: int
) -> None:
    mail_server(Script({command: f"{code} 5.7.0 authentication required"}))
    assert send(transport).pause_cause is ChannelPause.Cause.REFUSED


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("535 5.7.8 wrong password", OutcomeKind.PAUSE_CHANNEL),
        ("534 5.7.9 too weak", OutcomeKind.PAUSE_CHANNEL),
        ("454 4.7.0 temporary failure", OutcomeKind.CHANNEL_ERROR),
    ],
)
def test_a_log_in_that_fails_for_now_is_an_error_of_the_server(
    transport: Email, mail_server: Servers, settings: Settings, reply: str, kind: OutcomeKind
) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "user", "s3cret"
    mail_server(Script({"AUTH": reply}))
    outcome = send(transport)
    assert outcome.kind is kind
    assert "s3cret" not in outcome.reason


@pytest.mark.parametrize(
    ("password", "replies"),
    [
        ("blåbær", {}),
        ("s3cret", {"EHLO": "250-mail.example\r\n250 AUTH XOAUTH2"}),
    ],
)
def test_a_log_in_that_cannot_be_tried_waits_for_somebody_to_act(
    transport: Email,
    mail_server: Servers,
    settings: Settings,
    password: str,
    replies: dict[str, str],
) -> None:
    """No mail has a part in it, and none may be lost for it."""
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "user", password
    mail_server(Script(replies))
    outcome = send(transport)
    assert outcome.pause_cause is ChannelPause.Cause.REFUSED
    assert outcome.evidence is Evidence.CONNECTION
    assert password not in outcome.reason


@pytest.mark.parametrize("host", ["mail..example", f"{'a' * 64}.example", "."])
def test_a_mail_servers_name_that_is_none_waits_for_somebody_to_act(
    transport: Email, settings: Settings, host: str
) -> None:
    settings.EMAIL_HOST = host
    assert send(transport).pause_cause is ChannelPause.Cause.REFUSED


@pytest.mark.parametrize("reply", ["454 4.7.0 TLS not available", "502 5.5.1 no", "what?"])
def test_a_server_that_takes_its_offer_of_tls_back_gets_nothing(
    transport: Email, mail_server: Servers, settings: Settings, reply: str
) -> None:
    settings.EMAIL_USE_TLS = True
    script = Script({"EHLO": "250-mail.example\r\n250 STARTTLS", "STARTTLS": reply})
    mail_server(script)
    outcome = send(transport)
    assert (outcome.kind, outcome.evidence) == (OutcomeKind.CHANNEL_ERROR, Evidence.CONNECTION)
    assert "MAIL" not in script.heard


def test_settings_that_contradict_each_other_wait_for_somebody_to_act(
    transport: Email, mail_server: Servers, settings: Settings
) -> None:
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = True
    mail_server(Script())
    assert send(transport).pause_cause is ChannelPause.Cause.REFUSED


def test_a_server_without_the_wanted_tls_waits_for_somebody_to_act(
    transport: Email, mail_server: Servers, settings: Settings
) -> None:
    settings.EMAIL_USE_TLS = True
    mail_server(Script())
    assert send(transport).pause_cause is ChannelPause.Cause.REFUSED


def test_a_reason_holds_the_servers_words_but_not_the_address(
    transport: Email, mail_server: Servers
) -> None:
    mail_server(Script({"RCPT": "550 5.1.1 <Kari@Example.com>: no such user"}))
    reason = send(transport).reason
    assert "no such user" in reason
    assert "kari@example.com" not in reason.lower()


def test_a_connection_serves_on_after_a_refusal(transport: Email, mail_server: Servers) -> None:
    script = Script({"RCPT": "550 5.1.1 no such user"})
    server = mail_server(script)
    send(transport)
    send(transport)
    assert server.connections == 1
    assert script.heard == ["EHLO", *["MAIL", "RCPT", "RSET"] * 2]
