"""Turns the recipients of orders into rows of notifications, ready to be inserted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.utils.translation import gettext_noop
from phonenumbers import NumberParseException

from notifications import send_window
from notifications.expansion import keywords, routing
from notifications.expansion.claims import DueOrder
from notifications.expansion.routing import SMS, Destination
from notifications.expiry import expires_at
from notifications.models import NotificationChannel, NotificationStatus
from orders.models import Channel, EmailContentType, Order, SendingTimePolicy
from orders.requests import Addressee
from orders.texts.sms_length import MAX_SEGMENTS
from orders.texts.sms_text import sms_length
from recipients.lookup import ContactPoints, Resource
from recipients.names import Names
from runtime.visible_text import says_nothing

NO_NAME = gettext_noop(
    "Register knows no name of the recipient, so $recipientName$ was left empty."
)
EMPTY = gettext_noop("With its keywords filled in nothing is left of the text, so it was not sent.")
TOO_LONG = "With its keywords filled in the SMS takes {segments} parts; at most {most} are sent."


class Row(NamedTuple):
    """A new notification, without what all that are made together share."""

    order_id: UUID
    creator_id: int
    channel: str
    policy: str
    address: str
    normalized_address: str
    national_identity_number: str
    organization_number: str
    status: str
    reason: str
    subject: str | None
    body: str | None
    expires_at: datetime | None
    segments: int | None


@dataclass(frozen=True, slots=True)
class Text:
    """What a recipient reads: subject and body only where they are not simply the order's."""

    subject: str | None = None
    body: str | None = None
    segments: int | None = None
    note: str = ""
    is_empty: bool = False

    @property
    def is_too_long(self) -> bool:
        return self.segments is not None and self.segments > MAX_SEGMENTS


class Common(NamedTuple):
    """What an order's notifications on one channel share. The text stands in the order, and may
    have to be made personal."""

    channel: str
    policy: str
    expires_at: datetime
    text: Text
    is_personal: bool


def resource_of(order: Order | DueOrder) -> Resource | None:
    return Resource.of(order.resource_id, order.resource_action)


def needs_names(order: Order | DueOrder) -> bool:
    return keywords.has_keywords(order.email_subject, order.email_body, order.sms_body)


class OrderRenderer:
    """Makes the rows of one order; what all its notifications share is worked out once."""

    def __init__(
        self, order: Order | DueOrder, *, known: ContactPoints, names: Names, now: datetime
    ) -> None:
        self.order = order
        self.channel = Channel(order.channel)
        self.known = known
        self.names = names
        self.resource = resource_of(order)
        self.start = max(order.requested_send_time, now)
        self._common: dict[NotificationChannel, Common] = {}

    def rows(self, recipient: Addressee) -> Iterator[Row]:
        """At least one."""
        for destination in self._destinations(recipient):
            yield self._row(recipient, destination)

    def failed_row(
        self, recipient: Addressee, *, reason: str, without_address: bool = False
    ) -> Row:
        """The one row of a recipient whose order is given up or stopped. An address that the sender
        gave is kept, so that the notification can be resent, unless nothing may be kept."""
        nowhere = Destination(routing.main_channel(self.channel))
        given = None if without_address else self._first_given(recipient)
        return self._failed(recipient, given or nowhere, reason=reason)

    def common(self, channel: NotificationChannel) -> Common:
        """Most orders use one channel only."""
        if channel not in self._common:
            self._common[channel] = self._worked_out(channel)
        return self._common[channel]

    def _worked_out(self, channel: NotificationChannel) -> Common:
        order = self.order
        if channel == SMS:
            policy = SendingTimePolicy(order.sending_time_policy)
            text = Text(segments=sms_length(order.sms_body or "").segments)
            is_personal = keywords.has_keywords(order.sms_body)
        else:
            policy, text = SendingTimePolicy(order.email_sending_time_policy), Text()
            is_personal = keywords.has_keywords(order.email_subject, order.email_body)
        expiry = expires_at(send_window.earliest(policy, self.start))
        return Common(channel.value, policy.value, expiry, text, is_personal)

    def _destinations(self, recipient: Addressee) -> Iterator[Destination]:
        return routing.destinations(
            recipient,
            channel=self.channel,
            known=self.known,
            resource=self.resource,
            may_reach_reserved=self.order.may_reach_reserved,
            with_stale=self.order.use_stale_contact_information,
        )

    def _first_given(self, recipient: Addressee) -> Destination | None:
        """None also for what is no number any more: the order may be given up for it."""
        if recipient.needs_look_up:
            return None
        try:
            first = next(self._destinations(recipient))
        except NumberParseException:
            return None
        return first if first.address else None

    def _row(self, recipient: Addressee, destination: Destination) -> Row:
        """A new notification, or a failed one where nobody is reached or nothing is left to say."""
        if destination.failure is not None:
            return self._failed(recipient, destination, reason=destination.reason)
        text = self.text(recipient, destination.channel)
        if text.is_empty:
            return self._failed(recipient, destination, reason=EMPTY)
        if text.is_too_long:
            too_long = TOO_LONG.format(segments=text.segments, most=MAX_SEGMENTS)
            return self._failed(recipient, destination, reason=too_long)
        expiry = self.common(destination.channel).expires_at
        return self._made(recipient, destination, text, NotificationStatus.NEW, expiry)

    def _failed(self, recipient: Addressee, destination: Destination, *, reason: str = "") -> Row:
        failure = destination.failure or NotificationStatus.FAILED
        return self._made(recipient, destination, Text(note=reason), failure, None)

    def _made(
        self,
        recipient: Addressee,
        destination: Destination,
        text: Text,
        status: NotificationStatus,
        expires_at: datetime | None,
    ) -> Row:
        common = self.common(destination.channel)
        return Row(
            order_id=self.order.pk,
            creator_id=self.order.creator_id,
            channel=common.channel,
            policy=common.policy,
            address=destination.address,
            normalized_address=destination.normalized_address,
            national_identity_number=recipient.national_identity_number,
            organization_number=recipient.organization_number,
            status=status.value,
            reason=text.note,
            subject=text.subject,
            body=text.body,
            expires_at=expires_at,
            segments=text.segments,
        )

    def text(self, recipient: Addressee, channel: NotificationChannel) -> Text:
        """The order's own text, but for a recipient who is addressed by name or number."""
        common = self.common(channel)
        values = self._values(recipient) if common.is_personal else None
        if values is None:
            return common.text
        order = self.order
        if channel == SMS:
            body = keywords.fill(order.sms_body or "", values)
            note = _note(values, order.sms_body)
            segments = sms_length(body).segments
            return Text(body=body, segments=segments, note=note, is_empty=says_nothing(body))
        subject = _personal(order.email_subject, values)
        is_html = order.email_content_type == EmailContentType.HTML
        filled = _personal(order.email_body, values, html=is_html)
        return Text(
            # A name that holds a line end must not begin another header.
            subject=subject and " ".join(subject.splitlines()),
            body=filled,
            note=_note(values, order.email_subject, order.email_body),
            # Where one of them is the order's own, it says something.
            is_empty=_are_empty(subject, filled),
        )

    def _values(self, recipient: Addressee) -> keywords.Values | None:
        """None for a direct address, whose text stays as it was written."""
        if recipient.organization_number:
            number = recipient.organization_number
            return keywords.Values(self.names.of_organization(number), number)
        if recipient.national_identity_number:
            return keywords.Values(self.names.of_person(recipient.national_identity_number), "")
        return None


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of some recipients of an order with each one's place, each time made anew: they take
    much memory, and a write that failed is tried again with fewer orders."""

    renderer: OrderRenderer
    recipients: Sequence[Addressee]

    def __iter__(self) -> Iterator[tuple[int, Row]]:
        for place, recipient in enumerate(self.recipients):
            for row in self.renderer.rows(recipient):
                yield place, row


@dataclass(frozen=True, slots=True)
class FailedRows:
    """The rows, made anew as well, of recipients whose order ends before they were expanded."""

    renderer: OrderRenderer
    recipients: Sequence[Addressee]
    reason: str
    without_address: bool = False

    def __iter__(self) -> Iterator[tuple[int, Row]]:
        for place, recipient in enumerate(self.recipients):
            yield (
                place,
                self.renderer.failed_row(
                    recipient, reason=self.reason, without_address=self.without_address
                ),
            )


def _personal(text: str | None, values: keywords.Values, *, html: bool = False) -> str | None:
    """None for a text without keywords, which need not be stored again."""
    if text is None or not keywords.has_keywords(text):
        return None
    return keywords.fill(text, values, html=html)


def _are_empty(*texts: str | None) -> bool:
    return all(text is not None and says_nothing(text) for text in texts)


def _note(values: keywords.Values, *texts: str | None) -> str:
    return NO_NAME if keywords.has_name(*texts) and not values.name else ""
