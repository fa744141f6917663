"""E-mail through providers, by django-anymail: what is sent, and what each answer means."""

import socket
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable

import pytest
from aiohttp import web
from pytest_django import Settings

from dispatch.gateways.base import Message, Outcome, OutcomeKind
from dispatch.gateways.email.transport import Email
from dispatch.models import ChannelPause
from notifications.models import NotificationStatus
from runtime.web import outgoing
from tests.dispatch.conftest import NOTIFICATION_ID, mail
from tests.dispatch.raw_server import RawServer
from tests.recipients.local_server import Call, LocalServer

S = NotificationStatus
MESSAGES = "/v3/altinn.cloud/messages"


@pytest.fixture
def transport(settings: Settings) -> Email:
    settings.EMAIL_TIMEOUT = 5.0
    settings.EMAIL_REPORTS_FROM = ""
    return Email(default_sender="noreply@altinn.cloud", max_in_flight=1, reports_delivery=False)


def send(transport: Email, message: Message | None = None) -> Outcome:
    return outgoing.run(transport.send(message or mail()), timeout=20)


@pytest.fixture
def mailgun(server: LocalServer, settings: Settings) -> LocalServer:
    settings.EMAIL_BACKEND = "anymail.backends.mailgun.EmailBackend"
    settings.ANYMAIL = {"MAILGUN_API_KEY": "key", "MAILGUN_API_URL": f"{server.url}/v3"}
    server.answer(MESSAGES, {"id": "<20261121.1@altinn.cloud>", "message": "Queued. Thank you."})
    return server


def test_a_provider_gets_the_mail_and_its_id_is_the_reference(
    transport: Email, mailgun: LocalServer
) -> None:
    message = mail("<p>Hei, Kåre!</p>", content_type="Html")
    outcome = send(transport, message)
    assert outcome == Outcome.accepted(S.SUCCEEDED, reference="20261121.1@altinn.cloud")
    (sent,) = mailgun.bodies(MESSAGES)
    assert sent["to"] == "kari@example.com"
    assert sent["from"] == "noreply@altinn.cloud"
    assert sent["html"] == "<p>Hei, Kåre!</p>"
    assert "text" not in sent
    assert sent["h:Message-Id"] == f"<{NOTIFICATION_ID}@altinn.cloud>"


@pytest.mark.parametrize(
    ("status", "headers", "kind"),
    [
        (401, {}, OutcomeKind.PAUSE_CHANNEL),
        (402, {}, OutcomeKind.PAUSE_CHANNEL),
        (403, {}, OutcomeKind.PAUSE_CHANNEL),
        (429, {"Retry-After": "5"}, OutcomeKind.PAUSE_CHANNEL),
        (400, {}, OutcomeKind.FAILED),
        (500, {}, OutcomeKind.CHANNEL_ERROR),
        (503, {}, OutcomeKind.CHANNEL_ERROR),
    ],
)
def test_a_providers_status_has_its_meaning(
    transport: Email, mailgun: LocalServer, status: int, headers: dict[str, str], kind: OutcomeKind
) -> None:
    said = {"message": "'to' parameter kari@example.com is not valid"}

    def refuse(_call: Call) -> web.Response:
        return web.json_response(said, status=status, headers=headers)

    mailgun.answer(MESSAGES, refuse)
    outcome = send(transport)
    assert outcome.kind is kind
    assert outcome.retry_after == (5 if headers else None)
    assert str(status) in outcome.reason
    assert "kari@example.com" not in outcome.reason


def test_a_provider_that_cannot_be_reached_is_an_error_of_the_channel(
    transport: Email, mailgun: LocalServer, settings: Settings
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings.ANYMAIL = {"MAILGUN_API_KEY": "k", "MAILGUN_API_URL": f"http://127.0.0.1:{port}/v3"}
    assert send(transport).kind is OutcomeKind.CHANNEL_ERROR


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{"])
def test_a_provider_lost_after_the_request_leaves_the_outcome_unknown(
    transport: Email, raw_server: Callable[..., RawServer], settings: Settings, said: bytes
) -> None:
    async def read_and_close(reader: StreamReader, writer: StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        await writer.drain()

    port = raw_server(read_and_close).port
    settings.EMAIL_BACKEND = "anymail.backends.mailgun.EmailBackend"
    settings.ANYMAIL = {"MAILGUN_API_KEY": "k", "MAILGUN_API_URL": f"http://127.0.0.1:{port}/v3"}
    assert send(transport).kind is OutcomeKind.UNKNOWN


@pytest.mark.parametrize("missing", ["anymail.backends.mailgun.EmailBackend", "no.such.Backend"])
def test_incomplete_settings_wait_for_somebody_to_act(
    transport: Email, settings: Settings, missing: str
) -> None:
    settings.EMAIL_BACKEND = missing
    settings.ANYMAIL = {}
    assert send(transport).pause_cause is ChannelPause.Cause.REFUSED


@pytest.mark.parametrize(
    ("code", "words", "status"),
    [
        (300, "Invalid 'To' address: 'kari@example.com'.", S.FAILED_INVALID_EMAIL_FORMAT),
        (
            406,
            "Found inactive addresses: kari@example.com.\n Inactive recipients are",
            S.FAILED_SUPRESSED_RECIPIENT,
        ),
    ],
)
def test_a_recipient_that_the_provider_refuses_fails(
    transport: Email,
    server: LocalServer,
    settings: Settings,
    code: int,
    words: str,
    status: NotificationStatus,
) -> None:
    """Postmark judges recipients when it is given the mail; Mailgun does so afterwards."""
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "k", "POSTMARK_API_URL": f"{server.url}/"}
    said = {"ErrorCode": code, "Message": words}
    server.answer("/email", lambda _call: web.json_response(said, status=422))
    outcome = send(transport)
    assert (outcome.kind, outcome.status) == (OutcomeKind.FAILED, status)
