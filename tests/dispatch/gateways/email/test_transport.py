"""E-mail over SMTP: what is sent, and what each reply or silence means."""

import asyncio
import email
import socket
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pytest_django import Settings

from dispatch.gateways.base import Evidence, Message, Outcome, OutcomeKind
from dispatch.gateways.by_channel import ways_out
from dispatch.gateways.configured import gateways
from dispatch.gateways.email import smtp as smtp_transport
from dispatch.gateways.email import transport as email_transport
from dispatch.gateways.email.transport import Email
from dispatch.models import ChannelPause
from notifications.models import NotificationChannel, NotificationStatus
from runtime.web import outgoing
from script.launcher.system.simulators import Simulators
from tests.dispatch.conftest import NOTIFICATION_ID, mail
from tests.dispatch.raw_server import RawServer

S = NotificationStatus
REFERENCE = f"{NOTIFICATION_ID}@altinn.cloud"
TAKEN = Outcome.accepted(S.SUCCEEDED, reference=REFERENCE)


@pytest.fixture(autouse=True)
def smtp_settings(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_TIMEOUT = 5.0
    settings.EMAIL_REPORTS_FROM = ""
    settings.DEFAULT_EMAIL_FROM = "noreply@altinn.cloud"


@pytest.fixture
def transport() -> Email:
    """With one thread, so that mails share a connection."""
    return Email(default_sender="noreply@altinn.cloud", max_in_flight=1, reports_delivery=False)


def send(transport: Email, message: Message | None = None) -> Outcome:
    return outgoing.run(transport.send(message or mail()), timeout=20)


@dataclass
class Inbox:
    """What an honest mail server received."""

    envelopes: list[Envelope] = field(default_factory=list)
    peers: set[object] = field(default_factory=set)

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self.envelopes.append(envelope)
        self.peers.add(session.peer)
        return "250 OK"

    @property
    def mails(self) -> list[EmailMessage]:
        return [
            email.message_from_bytes(envelope.original_content or b"", policy=policy.default)
            for envelope in self.envelopes
        ]


@pytest.fixture
def inbox(settings: Settings) -> Iterator[Inbox]:
    yield from _listening(settings, smtputf8=True)


@pytest.fixture
def ascii_inbox(settings: Settings) -> Iterator[Inbox]:
    yield from _listening(settings, smtputf8=False)


def _listening(settings: Settings, *, smtputf8: bool) -> Iterator[Inbox]:
    received = Inbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = probe.getsockname()[1]
    controller = Controller(
        received, hostname="127.0.0.1", port=settings.EMAIL_PORT, enable_SMTPUTF8=smtputf8
    )
    controller.start()
    yield received
    controller.stop()


# What is sent


def test_a_plain_mail_is_one_text_part(transport: Email, inbox: Inbox) -> None:
    message = mail("Hei, Kåre!\n\n.prikk\nHilsen oss", subject="Et brev på norsk")
    assert send(transport, message) == TAKEN
    (envelope,), (received,) = inbox.envelopes, inbox.mails
    assert envelope.mail_from == "noreply@altinn.cloud"
    assert envelope.rcpt_tos == ["kari@example.com"]
    assert received["Subject"] == "Et brev på norsk"
    assert received["From"] == "noreply@altinn.cloud"
    assert received["To"] == "kari@example.com"
    assert received["Message-ID"] == f"<{REFERENCE}>"
    age = datetime.now(UTC) - parsedate_to_datetime(received["Date"]).replace(tzinfo=UTC)
    assert abs(age) < timedelta(minutes=1)
    assert received.get_content_type() == "text/plain"
    assert received.get_content_charset() == "utf-8"
    assert received.get_content() == "Hei, Kåre!\r\n\r\n.prikk\r\nHilsen oss\r\n"


def test_an_html_mail_is_one_html_part(transport: Email, inbox: Inbox) -> None:
    send(transport, mail("<p>Hei, Kåre!</p>", content_type="Html"))
    (received,) = inbox.mails
    assert not received.is_multipart()
    assert received.get_content_type() == "text/html"
    assert received.get_content() == "<p>Hei, Kåre!</p>\r\n"


def test_a_name_before_the_from_address_stays(transport: Email, inbox: Inbox) -> None:
    message = mail(sender="Skatteetaten på nett <no-reply@skatt.no>")
    outcome = send(transport, message)
    assert outcome.reference == f"{NOTIFICATION_ID}@skatt.no"
    assert inbox.envelopes[0].mail_from == "no-reply@skatt.no"
    assert inbox.mails[0]["From"] == "Skatteetaten på nett <no-reply@skatt.no>"


def test_an_empty_sender_means_the_installations_own(transport: Email, inbox: Inbox) -> None:
    send(transport, mail(sender=""))
    assert inbox.envelopes[0].mail_from == "noreply@altinn.cloud"


def test_white_space_around_an_address_is_no_part_of_it(transport: Email, inbox: Inbox) -> None:
    send(transport, mail(to=" kari@example.com\n"))
    assert inbox.envelopes[0].rcpt_tos == ["kari@example.com"]


def test_a_domain_with_norwegian_letters_is_written_in_ascii(
    transport: Email, ascii_inbox: Inbox
) -> None:
    assert send(transport, mail(to="kari@blåbær.example")).kind is OutcomeKind.ACCEPTED
    assert ascii_inbox.envelopes[0].rcpt_tos == ["kari@xn--blbr-roah.example"]


def test_case_11_an_eszett_does_not_lead_to_another_domain(
    transport: Email, ascii_inbox: Inbox
) -> None:
    assert send(transport, mail(to="ola21@straße.example")).kind is OutcomeKind.ACCEPTED
    assert ascii_inbox.envelopes[0].rcpt_tos == ["ola21@xn--strae-oqa.example"]
    assert ascii_inbox.mails[0]["To"] == "ola21@xn--strae-oqa.example"


@pytest.mark.parametrize(
    ("to", "written"),
    [
        ("ola\uff20\uff45\uff58\uff41\uff4d\uff50\uff4c\uff45\u3002com", "ola@example.com"),
        ("\u202aola@example.com.\u202c", "ola@example.com"),
    ],
)
def test_an_odd_address_is_the_same_in_envelope_and_header(
    transport: Email, inbox: Inbox, to: str, written: str
) -> None:
    assert send(transport, mail(to=to)).kind is OutcomeKind.ACCEPTED
    assert inbox.envelopes[0].rcpt_tos == [written]
    assert inbox.mails[0]["To"] == written


def test_an_address_with_norwegian_letters_reaches_a_server_that_takes_them(
    transport: Email, inbox: Inbox
) -> None:
    assert send(transport, mail(to="kåre@blåbær.example")).kind is OutcomeKind.ACCEPTED
    (envelope,) = inbox.envelopes
    assert envelope.rcpt_tos == ["kåre@xn--blbr-roah.example"]
    assert envelope.smtp_utf8
    assert "To: kåre@xn--blbr-roah.example".encode() in (envelope.original_content or b"")


def test_an_address_with_norwegian_letters_is_invalid_to_a_server_that_does_not(
    transport: Email, ascii_inbox: Inbox
) -> None:
    outcome = send(transport, mail(to="kåre@example.com"))
    assert outcome.status is S.FAILED_INVALID_EMAIL_FORMAT
    assert send(transport, mail(sender="kåre@example.com")).status is S.FAILED
    assert ascii_inbox.envelopes == []
    assert send(transport) == TAKEN


@pytest.mark.parametrize("address", ["", "kari", "kari@", "@example.com", f"k@{'a.' * 130}no"])
def test_an_address_that_is_none_is_never_sent_to(
    transport: Email, inbox: Inbox, address: str
) -> None:
    assert send(transport, mail(to=address)).status is S.FAILED_INVALID_EMAIL_FORMAT
    assert inbox.peers == set()


@pytest.mark.parametrize("sender", ["Skatteetaten", "a@b@c", "a@b, c@d", "a@b\r\nBcc: c@d"])
def test_a_from_address_that_is_none_fails_its_own_mail(
    transport: Email, inbox: Inbox, sender: str
) -> None:
    outcome = send(transport, mail(sender=sender))
    assert (outcome.kind, outcome.status) == (OutcomeKind.FAILED, S.FAILED)
    assert inbox.envelopes == []


@pytest.mark.parametrize("message", [mail(subject="Hei \ud800"), mail(body="\ud800")])
def test_what_cannot_be_written_fails_its_own_mail(
    transport: Email, inbox: Inbox, message: Message
) -> None:
    assert send(transport, message).status is S.FAILED
    assert send(transport) == TAKEN
    assert len(inbox.envelopes) == 1


@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r"])
def test_a_body_cannot_end_the_mail(transport: Email, inbox: Inbox, line_end: str) -> None:
    smuggled = f"Hei{line_end}.{line_end}MAIL FROM:<ola@example.com>{line_end}..{line_end}"
    assert send(transport, mail(smuggled)) == TAKEN
    (received,) = inbox.mails
    assert str(received.get_content()).split() == [
        "Hei",
        ".",
        "MAIL",
        "FROM:<ola@example.com>",
        "..",
    ]


# How connections are kept


def test_mails_share_a_connection(transport: Email, inbox: Inbox) -> None:
    assert [send(transport) for _ in range(5)] == [TAKEN] * 5
    assert len(inbox.peers) == 1


def test_a_connection_is_renewed_after_its_share_of_mails(
    transport: Email, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(email_transport, "MAILS_A_CONNECTION", 3)
    assert [send(transport) for _ in range(7)] == [TAKEN] * 7
    assert len(inbox.peers) == 3


def test_a_connection_that_was_idle_is_renewed(
    transport: Email, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(transport)
    monkeypatch.setattr(email_transport, "MAX_IDLE", 0.0)
    send(transport)
    assert len(inbox.peers) == 2


def test_mails_go_at_once_on_connections_of_their_own(inbox: Inbox) -> None:
    transport = Email(default_sender="a@b.no", max_in_flight=4, reports_delivery=False)

    async def send_many() -> list[Outcome]:
        return await asyncio.gather(*(transport.send(mail()) for _ in range(20)))

    assert outgoing.run(send_many(), timeout=20) == [TAKEN] * 20
    assert 1 < len(inbox.peers) <= 4


# What a mail server says

Servers = Callable[..., RawServer]
GREETING = "220 mail.example ESMTP"


class Script:
    """A mail server that says the given reply to a command, or ends the connection at it.

    `silent_at` hears the command and says nothing. "CONTENT" is the mail itself.
    """

    def __init__(
        self,
        replies: dict[str, str] | None = None,
        *,
        greeting: str = GREETING,
        lost_at: str = "",
        silent_at: str = "",
    ) -> None:
        self.heard: list[str] = []
        self._replies = {
            "EHLO": "250-mail.example\r\n250-AUTH PLAIN\r\n250 8BITMIME",
            "AUTH": "235 welcome",
            "DATA": "354 go on",
        } | (replies or {})
        self._greeting = greeting
        self._lost_at = lost_at
        self._silent_at = silent_at

    async def __call__(self, reader: StreamReader, writer: StreamWriter) -> None:
        writer.write(f"{self._greeting}\r\n".encode())
        while line := await reader.readline():
            verb = line.decode().upper().split()[0]
            if not await self._reply(verb, writer):
                return
            if verb == "DATA" and self._replies["DATA"].startswith("354"):
                await reader.readuntil(b"\r\n.\r\n")
                if not await self._reply("CONTENT", writer):
                    return

    async def _reply(self, verb: str, writer: StreamWriter) -> bool:
        self.heard.append(verb)
        if verb == self._silent_at:
            await asyncio.sleep(30)
        if verb == self._lost_at:
            return False
        reply = self._replies.get(verb, "250 OK")
        writer.write(f"{reply}\r\n".encode())
        await writer.drain()
        return not reply.startswith(("421", "221")) and verb != "QUIT"


@pytest.fixture
def mail_server(raw_server: Servers, settings: Settings) -> Servers:
    def start(*scripts: Script) -> RawServer:
        server = raw_server(*scripts)
        settings.EMAIL_PORT = server.port
        return server

    return start


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


# What silence means


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


# Against the simulated mail server


@pytest.mark.parametrize(
    ("address", "kind", "status"),
    [
        ("kari@example.com", OutcomeKind.ACCEPTED, S.SUCCEEDED),
        ("unknown-user@magic.example", OutcomeKind.FAILED, S.FAILED_BOUNCED),
        ("bad-syntax@magic.example", OutcomeKind.FAILED, S.FAILED_INVALID_EMAIL_FORMAT),
        ("spam@magic.example", OutcomeKind.FAILED, S.FAILED),
        ("busy@magic.example", OutcomeKind.RETRY, None),
        ("lost@magic.example", OutcomeKind.UNKNOWN, None),
    ],
)
def test_magic_addresses_meet_their_fate(
    simulators: Simulators,
    transport: Email,
    address: str,
    kind: OutcomeKind,
    status: NotificationStatus | None,
) -> None:
    outcome = send(transport, mail("Hei æøå €", to=address))
    assert (outcome.kind, outcome.status) == (kind, status)
    for taken in simulators.messages(to=address):
        assert (taken["text"], taken["subject"]) == ("Hei æøå €", "Et brev")
        assert taken["reference"] == f"<{outcome.reference}>"


def test_the_log_in_of_the_settings_is_used(
    simulators: Simulators, transport: Email, settings: Settings
) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "notifications", "s3cret"
    assert send(transport) == TAKEN
    simulators.fault("smtp", "log-in-fails")
    another = Email(default_sender="a@b.no", max_in_flight=1, reports_delivery=False)
    assert send(another).pause_cause is ChannelPause.Cause.REFUSED


def test_a_process_has_one_transport_for_e_mail(settings: Settings) -> None:
    transport = ways_out(NotificationChannel.EMAIL).first.transport
    assert isinstance(transport, Email)
    assert ways_out(NotificationChannel.EMAIL).first.transport is transport
    assert transport.max_send == 90


@pytest.mark.parametrize("provider", ["", "mailgun"])
def test_reports_are_expected_only_where_a_provider_sends_them(
    settings: Settings, provider: str
) -> None:
    settings.EMAIL_REPORTS_FROM = provider
    assert gateways(NotificationChannel.EMAIL)[0].transport().reports_delivery is bool(provider)
