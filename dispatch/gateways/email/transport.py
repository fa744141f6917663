"""E-mail through one of Django's backends, on connections that are kept between mails."""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend as DjangoSmtpBackend

from dispatch.gateways.base import Message, Outcome, unwritable
from dispatch.gateways.email.anymail import ProviderConnection, misconfigured
from dispatch.gateways.email.attachments import File
from dispatch.gateways.email.mail import Mail
from dispatch.gateways.email.smtp import MAX_MAIL, MAX_OPENING, SmtpBackend, SmtpConnection
from notifications.models import NotificationChannel, NotificationStatus
from recipients.mailboxes import Mailbox

# Servers limit both; leaving in time is better than being cut off.
MAILS_A_CONNECTION = 100
MAX_IDLE = 30.0
MAX_SEND = MAX_OPENING + MAX_MAIL


class _Connection(Protocol):
    def send(self, mail: Mail, *, begin_by: float) -> Outcome: ...

    def close(self) -> None: ...


@dataclass(slots=True)
class _Kept:
    """A thread's own connection. `last_used` is on the monotonic clock."""

    connection: _Connection
    last_used: float
    mails: int = 0

    @property
    def is_worn(self) -> bool:
        return self.mails >= MAILS_A_CONNECTION or time.monotonic() - self.last_used > MAX_IDLE


def backend(**options: Any) -> BaseEmailBackend:
    """The backend of the settings, Django's own for SMTP in the version that says who we are.

    Raises ImproperlyConfigured and ImportError.
    """
    found: BaseEmailBackend = get_connection(**options)
    return SmtpBackend(**options) if type(found) is DjangoSmtpBackend else found


class Email:
    """A fixed number of threads, each with one connection: Django's backends block."""

    channel = NotificationChannel.EMAIL

    def __init__(
        self,
        *,
        default_sender: str,
        max_in_flight: int,
        reports_delivery: bool,
        backend: Callable[[], BaseEmailBackend] = backend,
    ) -> None:
        self.max_in_flight = max_in_flight
        self.reports_delivery = reports_delivery
        self.max_send = MAX_SEND
        self._default_sender = default_sender
        self._backend = backend
        self._threads = ThreadPoolExecutor(max_in_flight, thread_name_prefix="email")
        self._of_thread = threading.local()

    async def send(self, message: Message, files: Sequence[File] = ()) -> Outcome:
        begin_by = time.monotonic() + MAX_OPENING
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, self._send, message, files, begin_by
        )

    def _send(self, message: Message, files: Sequence[File], begin_by: float) -> Outcome:
        try:
            mail = self._written(message, files)
        except Exception as error:
            return unwritable(message, error)
        if isinstance(mail, Outcome):
            return mail
        try:
            kept = self._kept()
        except Exception as error:
            return misconfigured(error)
        try:
            return kept.connection.send(mail, begin_by=begin_by)
        finally:
            kept.mails += 1
            kept.last_used = time.monotonic()

    def _written(self, message: Message, files: Sequence[File]) -> Mail | Outcome:
        try:
            recipient = Mailbox.parse(message.address)
        except ValueError:
            return Outcome.unwritable(
                "The recipient's address cannot be written in an e-mail.",
                NotificationStatus.FAILED_INVALID_EMAIL_FORMAT,
            )
        try:
            sender = Mailbox.parse(message.sender.strip() or self._default_sender)
        except ValueError:
            return Outcome.unwritable("The order's from-address is no e-mail address.")
        return Mail(message, sender=sender, recipient=recipient, files=files)

    def _kept(self) -> _Kept:
        """The thread's connection, a new one where the old one has served its time."""
        kept: _Kept | None = getattr(self._of_thread, "kept", None)
        if kept is not None and kept.is_worn:
            kept.connection.close()
            kept = None
        if kept is None:
            kept = self._of_thread.kept = _Kept(_connect(self._backend()), time.monotonic())
        return kept


def _connect(backend: BaseEmailBackend) -> _Connection:
    if isinstance(backend, DjangoSmtpBackend):
        return SmtpConnection(backend)
    return ProviderConnection(backend)
