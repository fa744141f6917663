"""Answers in the gateway's place where nothing may leave, and reports what becomes of it.

A message to a test recipient, or one that test mode lets go to nobody, goes the way of all others;
only the gateway is not asked, and its notification says so (decisions 40 and 43).
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from dispatch.gateways.base import TAKEN, Evidence, Message, Outcome, OutcomeKind, Simulation
from dispatch.models import DeliveryReport
from dispatch.reports.delivery_reports import WAITING
from notifications.models import NotificationChannel, NotificationStatus
from recipients.allowed import entries, is_allowed
from recipients.for_tests import Course, course_of
from runtime.jobs import wake_ups
from runtime.uuid7 import uuid7

REPORTED_AFTER = timedelta(seconds=1)
SLOW = timedelta(minutes=5)

S = NotificationStatus

# What the gateway would refuse, and what it would take and report later; nothing of what is silent.
_REFUSED = {
    Course.RESERVED: S.FAILED_RECIPIENT_RESERVED,
    Course.UNKNOWN_NUMBER: S.FAILED_INVALID_RECIPIENT,
    Course.INVALID: S.FAILED_INVALID_EMAIL_FORMAT,
    Course.SUPPRESSED: S.FAILED_SUPRESSED_RECIPIENT,
}
_REPORTED = {
    Course.DELIVERED: S.DELIVERED,
    Course.SLOW: S.DELIVERED,
    Course.FAILED: S.FAILED,
    Course.BARRED: S.FAILED_BARRED_RECEIVER,
    Course.EXPIRED: S.FAILED_EXPIRED,
    Course.UNDELIVERED: S.FAILED_UNDELIVERED,
    Course.REJECTED: S.FAILED_REJECTED,
    Course.DELETED: S.FAILED_DELETED,
    Course.BOUNCED: S.FAILED_BOUNCED,
    Course.SPAM: S.FAILED_FILTERED_SPAM,
    Course.QUARANTINED: S.FAILED_QUARANTINED,
}


def answer(
    message: Message, *, channel: NotificationChannel, reports_delivery: bool
) -> Outcome | None:
    """What a gateway would say of a message that is to be handed to none; None where the gateway
    is to be asked.

    Where the gateway sends no delivery reports, neither does this: what would fail is then refused
    at once, as a mail server does. The outcome tells nothing of the channel.
    """
    course = course_of(message.normalized_address) or _in_test_mode(message)
    if course is None:
        return None
    reported = _REPORTED.get(course)
    refused = _REFUSED.get(course)
    if reported is not None and not reports_delivery:
        refused, reported = None if reported == S.DELIVERED else reported, None
    if refused is not None:
        return _outcome(OutcomeKind.FAILED, refused, Simulation())
    after = SLOW if course == Course.SLOW else REPORTED_AFTER
    return _outcome(OutcomeKind.ACCEPTED, TAKEN[channel], Simulation(reported, after))


def _in_test_mode(message: Message) -> Course | None:
    """What was ordered in test mode, and all that an installation in test mode has to send, is
    delivered in appearance only, but to those it may leave to."""
    if not (message.is_test or settings.TEST_MODE):
        return None
    allowed = {*entries(message.allowed), *settings.TEST_MODE_ALLOWS}
    return None if is_allowed(message.normalized_address, allowed) else Course.DELIVERED


def _outcome(kind: OutcomeKind, status: NotificationStatus, simulation: Simulation) -> Outcome:
    reference = f"simulated-{uuid7()}" if kind == OutcomeKind.ACCEPTED else ""
    return Outcome(
        kind,
        status,
        reference=reference,
        evidence=Evidence.NONE,
        simulation=simulation,
    )


def store_reports(
    outcomes: Iterable[tuple[UUID, Outcome | None]],
    *,
    channel: NotificationChannel,
    recorded: Collection[UUID],
    now: datetime,
) -> None:
    """Keep the delivery reports that a gateway would send later, in the transaction that records
    that it has taken the messages: of those that were not recorded there is none."""
    reports = [
        DeliveryReport(
            channel=channel,
            reference=outcome.reference,
            status=simulation.report,
            report={"simulated": "true", "status": simulation.report.value},
            received=now + simulation.after,
            next_attempt_at=now + simulation.after,
        )
        for notification_id, outcome in outcomes
        if outcome
        and (simulation := outcome.simulation)
        and simulation.report
        and notification_id in recorded
    ]
    if reports:
        DeliveryReport.objects.bulk_create(reports)
        wake_ups.after_commit(WAITING, wait=REPORTED_AFTER.total_seconds())
