"""What would become of orders if they were placed now: nothing is stored or sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from notifications import send_window
from notifications.expansion import expand
from notifications.expansion.batches import Batch
from notifications.expansion.claims import DueOrder
from notifications.expansion.covering import Reached
from notifications.expansion.rendering import OrderRenderer, Row
from notifications.models import NotificationChannel, NotificationStatus
from notifications.reading import status_texts
from orders.models import Creator, SendingTimePolicy
from orders.placing.chains import MissingContact, as_creator_may
from orders.placing.register import verdict
from orders.requests import OrderRequest
from orders.texts.sms_length import SmsLength
from orders.texts.sms_text import sms_length
from recipients.lookup import ContactPoints
from recipients.models import Recipient
from recipients.names import Names
from runtime.uuid7 import uuid7

MAX_SHOWN = 1_000
"""Recipients of an order that are shown one by one; all of them count."""


@dataclass(frozen=True, slots=True)
class Expected:
    """One notification that an order would lead to. It fails from the start where it has a
    `failure`, and is not sent where an earlier one says the same to the same address."""

    channel: NotificationChannel
    address: str
    sms_length: SmsLength | None
    leaves_at: datetime | None
    failure: NotificationStatus | None
    reason: str
    is_covered: bool


@dataclass(frozen=True, slots=True)
class Forecast:
    """An order's first recipients, each with what it would lead to, and what all of them add up to:
    `segments` are those of its SMS."""

    request: OrderRequest
    requested_send_time: datetime
    recipients: Sequence[Sequence[Expected]]
    not_shown: int
    sent: int
    failed: int
    covered: int
    segments: int


def of_orders(
    requests: Sequence[OrderRequest], *, creator: Creator, must_reach: bool = False, now: datetime
) -> list[Forecast]:
    """Everybody is looked up as when an order is due, names included where texts need them.

    Raises RegisterUnavailable, and MissingContact where everybody `must_reach`ed be, as in a chain,
    and cannot.
    """
    if must_reach:
        requests = [as_creator_may(request, creator) for request in requests]
    batches = [_batch(request, creator, now=now) for request in requests]
    known, names = expand.look_up(batches)
    if must_reach and _has_unreachable(requests, known):
        raise MissingContact("A recipient has no usable address.")
    return [
        _forecast(request, batch.order, known, names, now=now)
        for request, batch in zip(requests, batches, strict=True)
    ]


def _has_unreachable(requests: Sequence[OrderRequest], known: ContactPoints) -> bool:
    return any(
        verdict(one, known, request) == Recipient.LookUp.MISSING
        for request in requests
        for one in request.recipients
    )


def _batch(request: OrderRequest, creator: Creator, *, now: datetime) -> Batch:
    """The order as expansion would take it."""
    email, sms = request.email, request.sms
    order = DueOrder(
        id=uuid7(),
        creator_id=creator.pk,
        requested_send_time=request.requested_send_time or now,
        channel=request.channel.value,
        sending_time_policy=(sms.policy if sms else SendingTimePolicy.DAYTIME).value,
        email_sending_time_policy=(email.policy if email else SendingTimePolicy.ANYTIME).value,
        ignore_reservation=request.ignore_reservation,
        use_stale_contact_information=request.use_stale_contact_information,
        resource_id=request.resource_id,
        resource_action=request.resource_action,
        email_subject=email.subject if email else None,
        email_body=email.body if email else None,
        email_content_type=email.content_type.value if email else None,
        sms_body=sms.body if sms else None,
        expanded_up_to=0,
        attempts=0,
        reason="",
        stopped_at=None,
        trace_id=None,
    )
    return Batch(order, request.recipients, expanded_up_to=0, is_last=True)


def _forecast(
    request: OrderRequest, order: DueOrder, known: ContactPoints, names: Names, *, now: datetime
) -> Forecast:
    renderer = OrderRenderer(order, known=known, names=names, now=now)
    reached = Reached()
    shown: list[list[Expected]] = []
    sent = failed = covered = segments = 0
    for recipient in request.recipients:
        rows = [(row, _is_covered(row, reached)) for row in renderer.rows(recipient)]
        if len(shown) < MAX_SHOWN:
            shown.append([_of_row(row, renderer, is_covered=again) for row, again in rows])
        for row, again in rows:
            if row.expires_at is None:
                failed += 1
            elif again:
                covered += 1
            else:
                sent += 1
                segments += row.segments or 0
    return Forecast(
        request,
        order.requested_send_time,
        shown,
        not_shown=len(request.recipients) - len(shown),
        sent=sent,
        failed=failed,
        covered=covered,
        segments=segments,
    )


def _is_covered(row: Row, reached: Reached) -> bool:
    return row.expires_at is not None and reached.cover(row, uuid7()) is not None


def _of_row(row: Row, renderer: OrderRenderer, *, is_covered: bool) -> Expected:
    channel = NotificationChannel(row.channel)
    failure = None if row.expires_at else NotificationStatus(row.status)
    length = leaves_at = None
    if failure is None and not is_covered:
        leaves_at = send_window.earliest(SendingTimePolicy(row.policy), renderer.start)
        if channel == NotificationChannel.SMS:
            length = sms_length(row.body or renderer.order.sms_body or "")
    return Expected(
        channel=channel,
        address=row.address,
        sms_length=length,
        leaves_at=leaves_at,
        failure=failure,
        reason=row.reason or (_described(failure, channel) if failure else ""),
        is_covered=is_covered,
    )


def _described(failure: NotificationStatus, channel: NotificationChannel) -> str:
    _, sentence = status_texts.of_notification(failure, channel=channel, was_sent=False)
    return sentence
