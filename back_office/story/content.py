"""The texts of an order or a notification, as their recipient sees them."""

from dataclasses import dataclass, replace
from typing import Self

from django.conf import settings

from back_office.privacy.personal_data import original
from notifications.models import Notification, NotificationChannel
from orders.models import EmailContentType, Order
from orders.senders.sms_senders import sender_name, sender_to
from orders.texts.sms_length import SmsLength
from orders.texts.sms_text import sms_length

# Above the sender's markup: its styles and pictures that it carries itself are shown, nothing runs
# and nothing is fetched. The frame's sandbox forbids scripts and forms once more.
CONTENT_POLICY = (
    '<meta http-equiv="Content-Security-Policy"'
    " content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">"
)


@dataclass(frozen=True, slots=True)
class Sms:
    """`shown` is what phones show of the sender, "" for one that cannot be shown."""

    sender: str
    shown: str
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
        return CONTENT_POLICY + self.body


@dataclass(frozen=True, slots=True)
class Texts:
    """What the order says on each channel it may use."""

    sms: Sms | None = None
    email: Email | None = None

    @classmethod
    def of_order(cls, order: Order) -> Self:
        """With its keywords as they were written; masked if the order is."""
        return cls(
            sms=None
            if order.sms_body is None
            else _sms(order, order.sms_body, original(order, "sms_body")),
            email=None
            if order.email_body is None
            else _email(order, order.email_subject, order.email_body),
        )

    @classmethod
    def of_notification(cls, notification: Notification) -> Self:
        """With the keywords filled in; of a masked notification, as they were written."""
        order, body = notification.order, notification.body
        if notification.channel == NotificationChannel.SMS:
            sent = body or original(order, "sms_body") or ""
            sms = _sms(order, body or order.sms_body or "", sent)
            return cls(sms=replace(sms, shown=_sender_to(notification, sms.shown)))
        # Keywords may have left nothing of one of them.
        subject = order.email_subject if notification.subject is None else notification.subject
        body = order.email_body if body is None else body
        return cls(email=_email(order, subject, body or ""))


def _sms(order: Order, body: str, sent: str) -> Sms:
    """Shown as `body`, and as long as what is sent."""
    sender = order.sms_sender or ""
    shown = sender_name(sender if sender.strip() else settings.DEFAULT_SMS_SENDER)
    return Sms(sender, shown, body, sms_length(sent))


def _sender_to(notification: Notification, shown: str) -> str:
    """Where a country forbids names, phones there show a number."""
    numbers = settings.SMS_SENDER_BY_COUNTRY
    if not numbers:
        return shown
    receiver = original(notification, "normalized_address") or ""
    creator = notification.creator.short_name
    return sender_to(receiver, shown=shown, creator_name=creator, numbers=numbers)


def _email(order: Order, subject: str | None, body: str) -> Email:
    is_html = order.email_content_type == EmailContentType.HTML
    return Email(order.email_sender or "", subject or "", body, is_html)
