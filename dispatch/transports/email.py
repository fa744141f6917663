"""E-mail through Django's backend of the settings, on connections that are kept between mails."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol, Self

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend
from django.core.mail.message import sanitize_address

from dispatch.transports.messages import Message, Outcome
from dispatch.transports.providers import ProviderConnection, misconfigured
from dispatch.transports.smtp import (
    LONGEST_MAIL,
    LONGEST_OPENING,
    SmtpConnection,
    envelope_address,
)
from notifications.models import MessageChannel, NotificationStatus
from orders.models import EmailContentType
from recipients.email_addresses import is_email_address

# Servers limit both; leaving in time is better than being cut off.
MAILS_A_CONNECTION = 100
LONGEST_IDLE = 30.0
LONGEST_SEND = LONGEST_OPENING + LONGEST_MAIL


class _Connection(Protocol):
    def send(self, mail: EmailMessage, *, reference: str, begin_by: float) -> Outcome: ...

    def close(self) -> None: ...


@dataclass(slots=True)
class _Kept:
    """A thread's own connection. `last_used` is on the monotonic clock."""

    connection: _Connection
    last_used: float
    mails: int = 0

    @property
    def is_worn(self) -> bool:
        return self.mails >= MAILS_A_CONNECTION or time.monotonic() - self.last_used > LONGEST_IDLE


class Email:
    """A fixed number of threads, each with one connection: Django's backends block."""

    channel = MessageChannel.EMAIL

    def __init__(self, *, default_sender: str, max_in_flight: int, reports_delivery: bool) -> None:
        self.max_in_flight = max_in_flight
        self.reports_delivery = reports_delivery
        self.longest_send = LONGEST_SEND
        self._default_sender = default_sender
        self._threads = ThreadPoolExecutor(max_in_flight, thread_name_prefix="email")
        self._of_thread = threading.local()

    @classmethod
    def from_settings(cls) -> Self:
        return cls(
            default_sender=settings.DEFAULT_EMAIL_FROM,
            max_in_flight=settings.EMAIL_IN_FLIGHT,
            reports_delivery=bool(settings.EMAIL_REPORTS_FROM),
        )

    async def send(self, message: Message) -> Outcome:
        begin_by = time.monotonic() + LONGEST_OPENING
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, self._send, message, begin_by
        )

    def _send(self, message: Message, begin_by: float) -> Outcome:
        sender = message.sender.strip() or self._default_sender
        if not is_usable(message.address):
            return Outcome.failed(
                "The recipient's address cannot be written in an e-mail.",
                NotificationStatus.FAILED_INVALID_EMAIL_FORMAT,
            )
        if not is_usable(sender):
            return Outcome.failed("The order's from-address is no e-mail address.")
        domain = envelope_address(sender).rpartition("@")[2]
        reference = f"{message.notification_id}@{domain}"
        mail = compose(message, sender=sender, reference=reference)
        try:
            kept = self._kept()
        except (ImproperlyConfigured, ImportError) as error:
            return misconfigured(error)
        try:
            return kept.connection.send(mail, reference=reference, begin_by=begin_by)
        except ValueError:
            # Django refuses line ends in a header, and text that is no Unicode.
            return Outcome.failed("The subject or text cannot be written in an e-mail.")
        finally:
            kept.mails += 1
            kept.last_used = time.monotonic()

    def _kept(self) -> _Kept:
        """The thread's connection, a new one where the old one has served its time."""
        kept: _Kept | None = getattr(self._of_thread, "kept", None)
        if kept is not None and kept.is_worn:
            kept.connection.close()
            kept = None
        if kept is None:
            kept = self._of_thread.kept = _Kept(_connect(get_connection()), time.monotonic())
        return kept


def compose(message: Message, *, sender: str, reference: str) -> EmailMessage:
    """The mail, plain or HTML alone, with an id that stays the same however often it is sent."""
    mail = EmailMessage(
        subject=message.subject,
        body=message.body,
        from_email=sender,
        to=[message.address.strip()],
        headers={"Message-ID": f"<{reference}>"},
    )
    if message.content_type == EmailContentType.HTML:
        mail.content_subtype = "html"
    return mail


def _connect(backend: BaseEmailBackend) -> _Connection:
    if isinstance(backend, SmtpBackend):
        return SmtpConnection(backend)
    return ProviderConnection(backend)


def is_usable(address: str) -> bool:
    """Whether the text, an address with or without a name, can stand in a mail and its envelope."""
    try:
        envelope_address(address)
        if not is_email_address(address):
            sanitize_address(address, "utf-8")
    except (ValueError, IndexError):
        return False
    return True
