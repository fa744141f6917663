"""What it means where a mail server says nothing, nothing readable, or never ends."""

import asyncio
import socket
from asyncio import StreamReader, StreamWriter

import pytest
from pytest_django import Settings

from dispatch.gateways.base import OutcomeKind
from dispatch.gateways.email import smtp as smtp_transport
from dispatch.gateways.email import transport as email_transport
from dispatch.gateways.email.transport import Email
from dispatch.models import ChannelPause
from tests.dispatch.gateways.email.smtp.servers import (
    REFERENCE,
    TAKEN,
    Script,
    Servers,
    send,
)


@pytest.mark.parametrize("greeting", ["421 too many connections", "554 go away", "what?"])
def test_a_server_that_does_not_greet_us_is_an_error_of_the_channel(
    transport: Email, mail_server: Servers, greeting: str
) -> None:
    mail_server(Script(greeting=greeting))
    assert send(transport).kind is OutcomeKind.CHANNEL_ERROR


def test_a_refused_connection_is_an_error_of_the_channel(
    transport: Email, settings: Settings
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = probe.getsockname()[1]
    assert send(transport).kind is OutcomeKind.CHANNEL_ERROR


def test_a_server_that_speaks_no_tls_is_an_error_of_the_channel(
    transport: Email, mail_server: Servers, settings: Settings
) -> None:
    settings.EMAIL_USE_SSL = True
    mail_server(Script())
    assert send(transport).kind is OutcomeKind.CHANNEL_ERROR


@pytest.mark.parametrize("command", ["EHLO", "MAIL", "RCPT", "DATA"])
def test_a_connection_lost_before_the_content_means_that_nothing_was_taken(
    transport: Email, mail_server: Servers, command: str
) -> None:
    mail_server(Script(lost_at=command))
    assert send(transport).kind is OutcomeKind.CHANNEL_ERROR


def test_a_connection_lost_after_the_content_leaves_the_outcome_unknown(
    transport: Email, mail_server: Servers
) -> None:
    server = mail_server(Script(lost_at="CONTENT"), Script())
    outcome = send(transport)
    assert (outcome.kind, outcome.reference) == (OutcomeKind.UNKNOWN, REFERENCE)
    assert server.connections == 1
    assert send(transport) == TAKEN


@pytest.mark.parametrize(
    ("command", "kind"),
    [("RCPT", OutcomeKind.CHANNEL_ERROR), ("CONTENT", OutcomeKind.UNKNOWN)],
)
def test_a_server_that_falls_silent_is_left_in_time(
    transport: Email,
    mail_server: Servers,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    kind: OutcomeKind,
) -> None:
    monkeypatch.setattr(smtp_transport, "MAX_MAIL", 0.3)
    mail_server(Script(silent_at=command))
    assert send(transport).kind is kind


class NeverDone(Script):
    """Begins a reply that has no end."""

    def __init__(self, at: str, piece: bytes) -> None:
        super().__init__()
        self._at, self._piece = at, piece

    async def __call__(self, reader: StreamReader, writer: StreamWriter) -> None:
        if self._at == "GREETING":
            await self._go_on(writer)
        await super().__call__(reader, writer)

    async def _reply(self, verb: str, writer: StreamWriter) -> bool:
        if verb == self._at:
            await self._go_on(writer)
        return await super()._reply(verb, writer)

    async def _go_on(self, writer: StreamWriter) -> None:
        while True:
            writer.write(self._piece)
            await writer.drain()
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("piece", [b"2", b"250-more\r\n", b"550-5.1.1 more\r\n" * 1_000])
@pytest.mark.parametrize("at", ["GREETING", "EHLO", "MAIL", "RCPT", "DATA", "CONTENT"])
def test_a_server_whose_reply_never_ends_is_left_in_time(
    transport: Email,
    mail_server: Servers,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    at: str,
    piece: bytes,
) -> None:
    """Each of its bytes comes before the connection's time is out."""
    monkeypatch.setattr(smtp_transport, "MAX_MAIL", 0.3)
    settings.EMAIL_TIMEOUT = 0.3
    mail_server(NeverDone(at, piece))
    known = OutcomeKind.UNKNOWN if at == "CONTENT" else OutcomeKind.CHANNEL_ERROR
    assert send(transport).kind is known


UNREADABLE = [
    "x" * 10_000,
    "250 " + "x" * 10_000,
    "what?",
    "OK",
    "",
    "-1 no",
    "25 0",
    "354 go on",
    "199 hm",
    "650 well",
    "000 nothing",
    "\x00\x00\x00",
    "250-one\r\nwhat?",
]


@pytest.mark.parametrize("reply", UNREADABLE)
def test_attack_a15_an_unreadable_reply_after_the_content_leaves_the_outcome_unknown(
    transport: Email, mail_server: Servers, reply: str
) -> None:
    """Whatever follows on that connection may be about it, so the next mail takes another."""
    server = mail_server(Script({"CONTENT": reply}), Script())
    outcome = send(transport)
    assert (outcome.kind, outcome.reference) == (OutcomeKind.UNKNOWN, REFERENCE)
    assert send(transport) == TAKEN
    assert server.connections == 2


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("reply", [reply for reply in UNREADABLE if "354" not in reply])
def test_an_unreadable_reply_before_the_content_means_that_nothing_was_taken(
    transport: Email, mail_server: Servers, command: str, reply: str
) -> None:
    server = mail_server(Script({command: reply}), Script())
    assert send(transport).kind is OutcomeKind.CHANNEL_ERROR
    assert send(transport) == TAKEN
    assert server.connections == 2


def test_case_15_a_server_that_refuses_our_name_waits_for_somebody_to_act(
    transport: Email, mail_server: Servers
) -> None:
    refused = "504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname"
    mail_server(Script({"EHLO": refused, "HELO": refused}))
    outcome = send(transport)
    assert outcome.pause_cause is ChannelPause.Cause.REFUSED
    assert "EMAIL_HELO_NAME" in outcome.reason


def test_a_kept_connection_that_the_server_closed_is_replaced(
    transport: Email, mail_server: Servers
) -> None:
    class ClosesAfterOneMail(Script):
        async def _reply(self, verb: str, writer: StreamWriter) -> bool:
            return await super()._reply(verb, writer) and verb != "CONTENT"

    server = mail_server(ClosesAfterOneMail(), Script())
    assert [send(transport), send(transport)] == [TAKEN, TAKEN]
    assert server.connections == 2


def test_a_kept_connection_that_the_server_ends_with_a_word_is_replaced(
    transport: Email, mail_server: Servers
) -> None:
    class TiresAfterOneMail(Script):
        async def _reply(self, verb: str, writer: StreamWriter) -> bool:
            if verb == "MAIL" and "CONTENT" in self.heard:
                writer.write(b"421 4.4.2 idle for too long\r\n")
                return False
            return await super()._reply(verb, writer)

    server = mail_server(TiresAfterOneMail(), Script())
    assert [send(transport), send(transport)] == [TAKEN, TAKEN]
    assert server.connections == 2


def test_a_mail_that_waited_too_long_for_its_connection_is_not_begun(
    transport: Email, mail_server: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(email_transport, "MAX_OPENING", 0.0)
    script = Script()
    mail_server(script)
    assert send(transport).kind is OutcomeKind.CHANNEL_ERROR
    assert script.heard == ["EHLO"]
