"""What a transport is given to send, and what it says became of it."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Protocol, Self
from uuid import UUID

import structlog

from dispatch.models import ChannelPause
from notifications.models import NotificationChannel, NotificationStatus

logger = structlog.get_logger(__name__)

# More than any gateway's reference has, and little enough for an index.
MAX_REFERENCE = 300
_MAX_QUOTATION = 300

# What a message is as soon as its gateway has taken it.
TAKEN = {
    NotificationChannel.SMS: NotificationStatus.ACCEPTED,
    NotificationChannel.EMAIL: NotificationStatus.SUCCEEDED,
}


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with an e-mail. Its link is a secret, and empty where it is gone."""

    id: int
    filename: str
    mime_type: str
    link: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Message:
    """One notification, ready to go. `sender` is empty where the installation's own is to be used;
    `normalized_address` is E.164 for SMS. `is_test`: it was ordered in test mode; `allowed`
    are those to whom it may leave all the same, one on a line."""

    notification_id: UUID
    creator_name: str
    address: str
    normalized_address: str
    sender: str
    subject: str
    body: str
    content_type: str
    expires_at: datetime
    is_test: bool = False
    allowed: str = ""
    attachments: tuple[Attachment, ...] = ()


class OutcomeKind(Enum):
    ACCEPTED = auto()
    """The gateway has taken the message."""
    FAILED = auto()
    """The message can never be sent: `status` is final."""
    RETRY = auto()
    """Not taken this time; the trouble is with this message only. Try again later."""
    PAUSE_CHANNEL = auto()
    """Not taken, and nothing on this channel will be until `pause_cause` is gone."""
    CHANNEL_ERROR = auto()
    """Not taken: the gateway is out of order or out of reach. Many in a row mean a pause."""
    UNKNOWN = auto()
    """The request was on its way when the answer was lost: it may or may not have been taken."""


class Evidence(Enum):
    """What an outcome tells of the channel."""

    NONE = auto()
    """Nothing: the gateway was not asked, or a fault of ours hides what it said."""
    MESSAGE = auto()
    """How the gateway took this message; another one might have fared otherwise."""
    CONNECTION = auto()
    """What every message would have met: no connection, no log-in, a limit for all."""


@dataclass(frozen=True, slots=True)
class Simulation:
    """That no gateway was asked; and what is to be reported of the message, and when."""

    report: NotificationStatus | None = None
    after: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Outcome:
    """`reason` is a sentence for the support desk, without the recipient's address. `retry_after`
    is in seconds, where the gateway said it. `reference` may be known of an unknown outcome too,
    where it is we who choose it. `file_sizes` are those of the attachments that were fetched.
    `simulation` is there where nothing was, or would have been, handed over."""

    kind: OutcomeKind
    status: NotificationStatus | None = None
    reference: str = ""
    reason: str = ""
    retry_after: float | None = None
    pause_cause: ChannelPause.Cause | None = None
    evidence: Evidence = Evidence.MESSAGE
    file_sizes: tuple[int, ...] = ()
    simulation: Simulation | None = None

    @classmethod
    def accepted(cls, status: NotificationStatus, *, reference: str) -> Self:
        """An empty reference means that the gateway gave none: no report will ever match."""
        return cls(OutcomeKind.ACCEPTED, status, reference=reference)

    @classmethod
    def failed(cls, reason: str, status: NotificationStatus = NotificationStatus.FAILED) -> Self:
        return cls(OutcomeKind.FAILED, status, reason=reason)

    @classmethod
    def unwritable(
        cls, reason: str, status: NotificationStatus = NotificationStatus.FAILED
    ) -> Self:
        """The message cannot be handed to any gateway, and was not."""
        return cls(OutcomeKind.FAILED, status, reason=reason, evidence=Evidence.NONE)

    @classmethod
    def retry(cls, reason: str, evidence: Evidence = Evidence.MESSAGE) -> Self:
        return cls(OutcomeKind.RETRY, reason=reason, evidence=evidence)

    @classmethod
    def refused(cls, reason: str, evidence: Evidence = Evidence.MESSAGE) -> Self:
        """The gateway refuses us, not the message: somebody must act."""
        cause = ChannelPause.Cause.REFUSED
        return cls(OutcomeKind.PAUSE_CHANNEL, reason=reason, pause_cause=cause, evidence=evidence)

    @classmethod
    def rate_limited(
        cls, reason: str, *, retry_after: float, evidence: Evidence = Evidence.CONNECTION
    ) -> Self:
        cause = ChannelPause.Cause.RATE_LIMIT
        return cls(
            OutcomeKind.PAUSE_CHANNEL,
            reason=reason,
            retry_after=retry_after,
            pause_cause=cause,
            evidence=evidence,
        )

    @classmethod
    def channel_error(cls, reason: str, evidence: Evidence = Evidence.MESSAGE) -> Self:
        return cls(OutcomeKind.CHANNEL_ERROR, reason=reason, evidence=evidence)

    @classmethod
    def unknown(
        cls, reason: str, *, reference: str = "", evidence: Evidence = Evidence.MESSAGE
    ) -> Self:
        return cls(OutcomeKind.UNKNOWN, reason=reason, reference=reference, evidence=evidence)


class Transport(Protocol):
    """A way out for one channel. There is one instance in a process.

    `reports_delivery` says whether delivery reports will follow what was accepted. `send` runs on
    the loop of outgoing calls and raises nothing but CancelledError. The gateway is handed nothing
    later than `max_send` seconds after the call. At most `max_in_flight` may run at once.
    """

    channel: NotificationChannel
    reports_delivery: bool
    max_in_flight: int
    max_send: float

    async def send(self, message: Message) -> Outcome: ...


def unwritable(message: Message, error: Exception) -> Outcome:
    """What our own code raised while it wrote the message is that message's failure, and nobody
    else's. The error's words are left out, since they may hold the text or the address."""
    notification = str(message.notification_id)
    kind = type(error).__name__
    logger.error("A message cannot be written", notification=notification, error=kind)
    return Outcome.unwritable(f"The message cannot be written ({kind}).")


def quoted(words: str, *, hiding: str) -> str:
    """A gateway's words for use in a reason: on one line, not long, without the address in it."""
    if hiding:
        words = re.sub(re.escape(hiding), "(address)", words, flags=re.IGNORECASE)
    storable = words.replace("\x00", "").encode("utf-8", "replace").decode()
    line = " ".join(storable.split())
    return line[:_MAX_QUOTATION] or "no explanation"
