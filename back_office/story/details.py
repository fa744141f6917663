"""Notifications as the desk shows them: status, address, why, what next, and what came back."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from back_office.privacy import personal_data
from back_office.story import explanations
from back_office.story.explanations import Explanation
from back_office.wording import labels
from back_office.wording.labels import Label
from back_office.wording.reasons import told
from dispatch.models import Attempt, ChannelPause, DeliveryReport
from notifications.models import Notification, NotificationChannel
from orders.models import Order

# Of each kind, for all notifications of a page together.
MAX_REPORTS = 500


@dataclass(frozen=True, slots=True)
class Report:
    """A delivery report, its state in words; `raw` is what the gateway said, as JSON, masked unless
    asked otherwise."""

    channel: str
    received: datetime
    status: str
    state: str
    reason: str
    raw: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """A failed attempt to send; the outcome in words."""

    created: datetime
    outcome: str
    reason: str


@dataclass(frozen=True, slots=True)
class NotificationStory:
    """One notification and all that became of it."""

    notification: Notification
    label: Label
    address: str
    recipient: str
    explanation: Explanation | None
    resent_as: tuple[UUID, ...] = ()
    reports: tuple[Report, ...] = ()
    attempts: tuple[Trouble, ...] = ()

    @property
    def is_sms(self) -> bool:
        return self.notification.channel == NotificationChannel.SMS


def read(
    notifications: Sequence[Notification],
    *,
    order: Order,
    pauses: Iterable[ChannelPause],
    unmasked: bool,
    now: datetime,
) -> list[NotificationStory]:
    """Notifications of one order with what belongs to them, in three queries; masked unless asked
    otherwise."""
    ids = [notification.pk for notification in notifications]
    resent_as: dict[UUID, list[UUID]] = defaultdict(list)
    resends = Notification.objects.filter(resend_of__in=ids).order_by("id")
    for again in resends.only("id", "resend_of")[:MAX_REPORTS]:
        if again.resend_of_id:
            resent_as[again.resend_of_id].append(again.pk)
    reports = defaultdict(list)
    for report in DeliveryReport.objects.filter(notification__in=ids).order_by("id")[:MAX_REPORTS]:
        reports[report.notification_id].append(report)
    attempts = defaultdict(list)
    for attempt in Attempt.objects.filter(notification__in=ids).order_by("id")[:MAX_REPORTS]:
        attempts[attempt.notification_id].append(attempt)
    pauses = list(pauses)

    def story(one: Notification) -> NotificationStory:
        tries = attempts[one.pk]
        for attempt in tries:
            attempt.notification = one
        for report in reports[one.pk]:
            report.notification = one
        if not unmasked:
            personal_data.mask(one)
            personal_data.masked(tries)
            personal_data.masked(reports[one.pk])
        explanation = explanations.of_notification(
            one,
            order=order,
            pauses=pauses,
            last_trouble=told(tries[-1].reason) if tries else "",
            was_resent=bool(resent_as[one.pk]),
            now=now,
        )
        return NotificationStory(
            one,
            label=labels.of_notification(one),
            address=one.address,
            recipient=recipient_of(one),
            explanation=explanation,
            resent_as=tuple(resent_as[one.pk]),
            reports=tuple(_report(report) for report in reports[one.pk]),
            attempts=tuple(
                Trouble(one_try.created, one_try.get_outcome_display(), told(one_try.reason))
                for one_try in tries
            ),
        )

    return [story(one) for one in notifications]


def recipient_of(notification: Notification) -> str:
    """The person's or organisation's number; "" for whom the sender named by address."""
    return notification.national_identity_number or notification.organization_number


def _report(report: DeliveryReport) -> Report:
    return Report(
        channel=report.channel,
        received=report.received,
        status=report.status,
        state=report.get_state_display(),
        reason=told(report.reason),
        raw=json.dumps(report.report, indent=2, ensure_ascii=False),
    )
