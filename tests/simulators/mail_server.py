"""The mail server: takes e-mail over SMTP, refuses some of it, and promises delivery events."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.policy import compat32, default

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.simulators.faults import LONG, Fault
from tests.simulators.magic import Fate, fate_of_address
from tests.simulators.phones_and_inboxes import Received
from tests.simulators.world import World

MAX_MAIL_BYTES = 33_554_432

_REPLIES = {
    "error421": "421 4.3.2 Service shutting down",
    "error451": "451 4.3.0 Local error in processing",
    "error554": "554 5.7.1 Message refused",
    "log-in-required": "530 5.7.0 Authentication required",
}


class MailServer:
    """What aiosmtpd asks at each step; what is returned goes to the client as it stands."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        fault = self._world.faults.take("smtp", *_REPLIES, "time-out")
        if fault is not None:
            return await self._spoilt(server, fault)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        fate = fate_of_address(address)
        if fate.refusal and self._applies(fate, address):
            code = int(fate.refusal[:3])
            self._world.calls.record("smtp", "RCPT", size=1, status=code, about=address)
            return fate.refusal
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        fault = self._world.faults.take("smtp", "", "close-after-reading") or Fault()
        await asyncio.sleep(fault.latency_ms / 1000)
        fates = [fate_of_address(address) for address in envelope.rcpt_tos]
        trouble = fault.mode or next((fate.trouble for fate in fates if fate.trouble), "")
        reply = "250 2.0.0 OK: queued"
        if trouble == "time-out":
            await asyncio.sleep(LONG)
        if trouble == "error554":
            reply = _REPLIES[trouble]
        else:
            await self._take(envelope, fates)
        if trouble == "close-after-reading":
            _hang_up(server)
        about = envelope.rcpt_tos[0]
        size, status = len(fates), int(reply[:3])
        self._world.calls.record("smtp", "DATA", size=size, status=status, about=about)
        return reply

    def _applies(self, fate: Fate, address: str) -> bool:
        return not fate.first_time_only or self._world.first_time(f"address {address}")

    async def _spoilt(self, server: SMTP, fault: Fault) -> str:
        await asyncio.sleep(fault.latency_ms / 1000)
        if fault.mode == "time-out":
            await asyncio.sleep(LONG)
        reply = _REPLIES.get(fault.mode, _REPLIES["error421"])
        self._world.calls.record("smtp", "MAIL", size=0, status=int(reply[:3]))
        if reply.startswith("421"):
            # After the reply, which is sent when this returns.
            asyncio.get_running_loop().call_soon(_hang_up, server)
        return reply

    async def _take(self, envelope: Envelope, fates: list[Fate]) -> None:
        content = envelope.original_content or b""
        for address, fate in zip(envelope.rcpt_tos, fates, strict=True):
            message = read(content, receiver=address, arrives=fate.arrives)
            self._world.messages.add(message)
            if self._world.reports_url and self._world.settings.mailgun_signing_key:
                await self._world.mail_reports.expect(message, fate)


class LogIn:
    """What one connection's log-ins meet: a client may try several ways, and all fail or none."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._succeeds: bool | None = None

    def __call__(self, *_about: object) -> AuthResult:
        if self._succeeds is None:
            self._succeeds = self._world.faults.take("smtp", "log-in-fails") is None
        return AuthResult(success=self._succeeds, handled=False)


def _hang_up(server: SMTP) -> None:
    if isinstance(server.transport, asyncio.WriteTransport):
        server.transport.abort()


def read(content: bytes, *, receiver: str, arrives: bool) -> Received:
    """The e-mail as its reader's mail program would show it: the HTML where there is a choice."""
    headers, _, _ = content.partition(b"\r\n\r\n")
    # The default policy reads UTF-8 in headers too, but takes ten times as long.
    mail = message_from_bytes(content, policy=compat32 if headers.isascii() else default)
    parts = [part for part in mail.walk() if not part.is_multipart()]
    by_type = {part.get_content_type(): part for part in reversed(parts)}
    html, plain = by_type.get("text/html"), by_type.get("text/plain")
    return Received(
        channel="Email",
        reference=_header(mail, "Message-ID"),
        receiver=receiver,
        sender=_header(mail, "From"),
        subject=_header(mail, "Subject"),
        text=_text(html if html is not None else plain),
        content_type="Plain" if html is None else "Html",
        parts=len(parts),
        arrives=arrives,
    )


def _header(mail: Message, name: str) -> str:
    unfolded = "".join(str(mail.get(name, "")).splitlines())
    return str(make_header(decode_header(unfolded))).strip()


def _text(part: Message | None) -> str:
    """SMTP ends every text with a line break, the sender's or its own."""
    payload = part.get_payload(decode=True) if part is not None else b""
    if part is None or not isinstance(payload, bytes):
        return ""
    text = payload.decode(part.get_content_charset("utf-8"), errors="replace")
    return text.replace("\r\n", "\n").removesuffix("\n")


@contextlib.asynccontextmanager
async def listening(world: World) -> AsyncIterator[None]:
    """Raises OSError when the port is taken. Every log-in is right, unless a fault says no."""
    handler = MailServer(world)

    def connection() -> SMTP:
        return SMTP(
            handler,
            hostname="mail.simulators.example",
            ident="simulated mail server",
            data_size_limit=MAX_MAIL_BYTES,
            enable_SMTPUTF8=world.faults.take("smtp", "without-smtputf8") is None,
            authenticator=LogIn(world),
            auth_require_tls=False,
            loop=asyncio.get_running_loop(),
        )

    port = world.settings.smtp_port
    server = await asyncio.get_running_loop().create_server(connection, "127.0.0.1", port)
    try:
        yield
    finally:
        server.close()
