"""Delivery reports: stored as they come, then matched to their notifications and applied."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.utils.translation import gettext_noop

from dispatch import metrics
from dispatch.models import DeliveryReport
from notifications import results
from notifications.models import MessageChannel, Notification, NotificationStatus
from notifications.results import Result

BATCH = 1_000
# A report may overtake the record of its own sending by a moment; one that finds nothing for some
# minutes is about a message that is not ours.
TRIES_AFTER = [timedelta(seconds=s) for s in (1, 1, 5, 10, 60, 120, 120)]

NOT_FOUND = gettext_noop("No notification has this reference.")


@dataclass(frozen=True, slots=True)
class ReceivedReport:
    """One message's report, read from a gateway's own format; `report` is all that it said."""

    channel: MessageChannel
    reference: str
    status: NotificationStatus
    report: Mapping[str, str]


def store(*, reports: Sequence[ReceivedReport], now: datetime) -> None:
    """Keep the reports durably; they are applied by the next tick. Only then may the gateway be
    told that they were received."""
    with connection.cursor() as cursor:
        cursor.execute(
            _STORE,
            {
                "channels": [report.channel.value for report in reports],
                "references": [report.reference for report in reports],
                "statuses": [report.status.value for report in reports],
                "reports": [orjson.dumps(report.report).decode() for report in reports],
                "now": now,
            },
        )


def apply_due(*, now: datetime) -> int:
    """Match and apply one batch of waiting reports; returns its size. Call again while it is full.

    Everything happens in one transaction: a report is marked as applied if and only if its result
    was recorded. Of reports for one message the one that was received first comes first.
    """
    with transaction.atomic():
        due = DeliveryReport.objects.due(now=now).order_by("next_attempt_at", "id").defer("report")
        reports = list(due.select_for_update(skip_locked=True, no_key=True)[:BATCH])
        if not reports:
            return 0
        found = notifications_of(reports)
        for report in reports:
            settle(report, found.get((report.channel, report.reference)), now=now)
        save(reports)
        record_matched(reports, now=now)
    metrics.count_reports(report.state for report in reports)
    return len(reports)


def replay(report_ids: Collection[int], *, now: datetime) -> int:
    """Give dead reports all their tries again, at once due; returns how many were dead."""
    return (
        DeliveryReport.objects.dead()
        .filter(pk__in=report_ids)
        .update(state=DeliveryReport.State.WAITING, attempts=0, next_attempt_at=now, reason="")
    )


def notifications_of(reports: Sequence[DeliveryReport]) -> dict[tuple[str, str], UUID]:
    """The notifications by channel and gateway reference; should a gateway use a reference again,
    the newest."""
    rows = Notification.objects.filter(
        gateway_reference__in={report.reference for report in reports}
    ).order_by("id")
    return {
        (channel, reference or ""): pk
        for channel, reference, pk in rows.values_list("channel", "gateway_reference", "id")
    }


def settle(report: DeliveryReport, notification_id: UUID | None, *, now: datetime) -> None:
    """Mark the report as applied, or for another try, or as dead."""
    if notification_id is not None:
        report.state = DeliveryReport.State.APPLIED
        report.notification_id = notification_id
    elif report.attempts < len(TRIES_AFTER):
        report.next_attempt_at = now + TRIES_AFTER[report.attempts]
    else:
        report.state = DeliveryReport.State.DEAD
        report.reason = NOT_FOUND
    report.attempts += 1


def save(reports: Sequence[DeliveryReport]) -> None:
    """Write what was settled, at a twentieth of the cost of `bulk_update`."""
    with connection.cursor() as cursor:
        cursor.execute(
            _SAVE,
            {
                "ids": [report.pk for report in reports],
                "states": [report.state for report in reports],
                "notifications": [report.notification_id for report in reports],
                "attempts": [report.attempts for report in reports],
                "next": [report.next_attempt_at for report in reports],
                "reasons": [report.reason for report in reports],
            },
        )


def record_matched(reports: Sequence[DeliveryReport], *, now: datetime) -> None:
    """Record what the matched reports say; of several for one message the first final one stays."""
    results.record(
        [
            Result(
                report.notification_id,
                NotificationStatus(report.status),
                finished=NotificationStatus(report.status).is_final,
            )
            for report in reports
            if report.notification_id is not None
        ],
        now=now,
    )


# One statement without a transaction around it, for half the cost of `bulk_create`: gateways mostly
# post one report at a time.
_STORE = """
INSERT INTO dispatch_deliveryreport (
    channel, reference, status, report, received, state, attempts, next_attempt_at, reason
)
SELECT channel, reference, status, report::jsonb, %(now)s, 'Waiting', 0, %(now)s, ''
FROM unnest(
    %(channels)b::text[], %(references)b::text[], %(statuses)b::text[], %(reports)b::text[]
) WITH ORDINALITY AS r (channel, reference, status, report, position)
ORDER BY position
"""

# The ids are given twice: else the planner may read the whole table, to join it with the arrays.
_SAVE = """
UPDATE dispatch_deliveryreport d
SET state = r.state,
    notification_id = r.notification_id,
    attempts = r.attempts,
    next_attempt_at = r.next,
    reason = r.reason
FROM unnest(
    %(ids)s::bigint[], %(states)s::text[], %(notifications)s::uuid[], %(attempts)s::smallint[],
    %(next)s::timestamptz[], %(reasons)s::text[]
) AS r (id, state, notification_id, attempts, next, reason)
WHERE d.id = r.id AND d.id = ANY(%(ids)s::bigint[])
"""
