"""Mail servers, honest ones and others, and a mail that is handed to them."""

import asyncio
import email
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session

from dispatch.gateways.base import Message, Outcome
from dispatch.gateways.email.transport import Email
from notifications.models import NotificationStatus
from runtime.web import outgoing
from tests.dispatch.conftest import NOTIFICATION_ID, mail
from tests.dispatch.raw_server import RawServer

S = NotificationStatus
REFERENCE = f"{NOTIFICATION_ID}@altinn.cloud"
TAKEN = Outcome.accepted(S.SUCCEEDED, reference=REFERENCE)


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
