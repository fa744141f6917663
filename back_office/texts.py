"""The texts of an order or a message, as their recipient sees them."""

from dataclasses import dataclass
from typing import Self

from notifications.models import MessageChannel, Notification
from orders.models import EmailContentType, Order
from orders.segments import SmsLength, count_segments

# Above the sender's markup: its styles and pictures that it carries itself are shown, nothing runs
# and nothing is fetched. The frame's sandbox forbids scripts and forms once more.
FENCE = (
    '<meta http-equiv="Content-Security-Policy"'
    " content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">"
)


@dataclass(frozen=True, slots=True)
class Sms:
    sender: str
    body: str
    length: SmsLength


@dataclass(frozen=True, slots=True)
class Email:
    sender: str
    subject: str
    body: str
    is_html: bool

    @property
    def document(self) -> str:
        """For the `srcdoc` of a sandboxed frame."""
        return FENCE + self.body


@dataclass(frozen=True, slots=True)
class Texts:
    """What the order says on each channel it may use."""

    sms: Sms | None = None
    email: Email | None = None

    @classmethod
    def of_order(cls, order: Order) -> Self:
        """With its keywords as they were written."""
        return cls(
            sms=None if order.sms_body is None else _sms(order, order.sms_body),
            email=None
            if order.email_body is None
            else _email(order, order.email_subject, order.email_body),
        )

    @classmethod
    def of_message(cls, message: Notification, *, unmasked: bool) -> Self:
        """With the keywords filled in, which names the recipient, only where that may be seen."""
        order = message.order
        subject = message.subject if unmasked else None
        body = message.body if unmasked else None
        if message.channel == MessageChannel.SMS:
            return cls(sms=_sms(order, body or order.sms_body or ""))
        return cls(
            email=_email(order, subject or order.email_subject, body or order.email_body or "")
        )


def _sms(order: Order, body: str) -> Sms:
    return Sms(order.sms_sender or "", body, count_segments(body))


def _email(order: Order, subject: str | None, body: str) -> Email:
    is_html = order.email_content_type == EmailContentType.HTML
    return Email(order.email_sender or "", subject or "", body, is_html)
