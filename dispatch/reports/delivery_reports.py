"""Delivery reports: stored as they come, then matched to their notifications and applied.

One that cannot be read as a status, or that may be about several notifications, is kept for
somebody to look at, and changes nothing.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import structlog
from django.db import connection, transaction
from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import gettext_noop

from dispatch.models import DeliveryReport, EventProof
from dispatch.reports import metrics
from notifications.models import Notification, NotificationChannel, NotificationStatus
from notifications.results import record
from notifications.results.record import Result
from orders.traces import Stage, Traced, about, of_orders, telling
from runtime import clock
from runtime.jobs import wake_ups

logger = structlog.get_logger(__name__)

STAGE = "report"
WAITING = "delivery-reports"
"""What wakes whoever applies them."""
TOGETHER = 0.2
"""Many reports cost half as much each when they are applied together: the first of a flood wakes at
once, the others a few times a second. Seconds."""

BATCH = 1_000
# A report may overtake the record of its own sending by a moment; one that finds nothing for some
# minutes is about a message that is not ours.
TRIES_AFTER = [timedelta(seconds=s) for s in (1, 1, 5, 10, 60, 120, 120)]

NOT_FOUND = gettext_noop("No notification has this reference.")
AMBIGUOUS = gettext_noop("Several notifications have this reference.")
OF_ANOTHER = gettext_noop("The notification with this reference went to another receiver.")
UNKNOWN_STATE = gettext_noop("The gateway uses a word for the state that is not known here.")
NOTHING_KNOWN = gettext_noop("The gateway does not know what became of the message.")

# What is unclear of a dead report, by its reason; one that was not found is mostly not ours.
UNCLEAR = {UNKNOWN_STATE: "state", AMBIGUOUS: "notification", OF_ANOTHER: "receiver"}

_NOT_A_DIGIT = re.compile(r"[^0-9]")


@dataclass(frozen=True, slots=True)
class ReceivedReport:
    """One message's report, read from a gateway's own format; `report` is all that it said.

    `gateway` is which told it. No status where its word for the state is not known here.
    `is_uncertain` where it says that nothing is known.
    """

    channel: NotificationChannel
    reference: str
    status: NotificationStatus | None
    report: Mapping[str, str]
    is_uncertain: bool = False
    gateway: str = ""


def store(*, reports: Sequence[ReceivedReport], now: datetime) -> None:
    """Keep the reports durably; they are applied by the next run. Only then may the gateway be
    told that they were received."""
    with connection.cursor() as cursor:
        if len(reports) == 1:
            cursor.execute(_STORE_ONE, _values(reports[0], now=now))
        else:
            cursor.execute(_STORE, _columns(reports, now=now))
    wake_ups.after_commit(WAITING, apart=TOGETHER)


def store_once(*, proof: str, reports: Sequence[ReceivedReport], now: datetime) -> bool:
    """The same for reports under a proof that is good once; False, and nothing is kept, where it
    has been used. Of several posts of one proof at a time one is kept."""
    with connection.cursor() as cursor:
        cursor.execute(_STORE_ONCE, {**_columns(reports, now=now), "proof": proof})
        row = cursor.fetchone()
    is_kept = row is not None and bool(row[0])
    if is_kept:
        wake_ups.after_commit(WAITING, apart=TOGETHER)
    return is_kept


def forget_proofs(*, before: datetime) -> int:
    """Of signatures that are too old by now to be believed once more."""
    forgotten, _ = EventProof.objects.filter(received__lt=before).delete()
    return forgotten


def _values(report: ReceivedReport, *, now: datetime) -> dict[str, Any]:
    return {
        "channel": report.channel.value,
        "gateway": report.gateway,
        "reference": report.reference,
        "status": report.status.value if report.status else "",
        "uncertain": report.is_uncertain,
        "report": orjson.dumps(report.report).decode(),
        "now": now,
    }


def _columns(reports: Sequence[ReceivedReport], *, now: datetime) -> dict[str, Any]:
    return {
        "channels": [report.channel.value for report in reports],
        "gateways": [report.gateway for report in reports],
        "references": [report.reference for report in reports],
        "statuses": [report.status.value if report.status else "" for report in reports],
        "uncertain": [report.is_uncertain for report in reports],
        "reports": [orjson.dumps(report.report).decode() for report in reports],
        "now": now,
    }


def apply_due(*, now: datetime) -> int:
    """Match and apply one batch of waiting reports; returns its size. Call again while it is full.

    Everything happens in one transaction: a report is marked as applied if and only if its result
    was recorded. Of reports for one message the one that was received first comes first.
    """
    with transaction.atomic():
        due = (
            DeliveryReport.objects.due(now=now)
            .order_by("next_attempt_at", "id")
            .annotate(receiver=KeyTextTransform("receiver", "report"))
            .defer("report")
        )
        reports = list(due.select_for_update(skip_locked=True, no_key=True)[:BATCH])
        if not reports:
            return 0
        found = notifications_of(reports)
        for report in reports:
            found_of = found.get((report.channel, report.reference), ())
            settle(report, of_gateway(report, found_of), now=now)
        orders = orders_of(reports, found)
        save(reports)
        record_matched(reports, now=now)
        _tell_of(reports, now=now)
    metrics.count_reports(report.state for report in reports)
    metrics.count_unclear_reports(UNCLEAR[one.reason] for one in reports if one.reason in UNCLEAR)
    tell(reports, orders, now=now)
    return len(reports)


def orders_of(
    reports: Sequence[DeliveryReport], found: Mapping[tuple[str, str], Sequence["Candidate"]]
) -> list[Traced]:
    """Of each report that was applied. Of many orders only the number matters, unless somebody
    follows their traces."""
    ids = [
        of_gateway(report, found[report.channel, report.reference])[0].order_id
        for report in reports
        if report.state == DeliveryReport.State.APPLIED
    ]
    if telling.sink is None and len(set(ids)) != 1:
        return [Traced(order_id, None) for order_id in ids]
    known = of_orders(ids)
    return [known.get(order_id, Traced(order_id, None)) for order_id in ids]


def tell(reports: Sequence[DeliveryReport], orders: Sequence[Traced], *, now: datetime) -> None:
    """One line of the log a batch, and the stage of each order."""
    states = Counter(report.state.lower() for report in reports)
    logger.info("Delivery reports were handled", **states, **about(orders))
    if telling.sink is not None:
        ended, counts = clock.as_known(), Counter(orders)
        telling.sink(
            [Stage(STAGE, of, now, ended, {"reports": count}) for of, count in counts.items()]
        )


def _tell_of(reports: Sequence[DeliveryReport], *, now: datetime) -> None:
    """Of those that are tried again soon, and of more that may wait behind a full batch."""
    if len(reports) == BATCH:
        wake_ups.after_commit(WAITING)
    again = {one.next_attempt_at for one in reports if one.state == DeliveryReport.State.WAITING}
    for at in again:
        wake_ups.after_commit(WAITING, wait=(at - now).total_seconds())


def replay(report_ids: Collection[int], *, now: datetime) -> int:
    """Give dead reports all their tries again, at once due; returns how many were dead."""
    count = (
        DeliveryReport.objects.dead()
        .filter(pk__in=report_ids)
        .update(state=DeliveryReport.State.WAITING, attempts=0, next_attempt_at=now, reason="")
    )
    wake_ups.after_commit(WAITING)
    return count


@dataclass(frozen=True, slots=True)
class Candidate:
    """A notification that has a report's reference; `address` is empty once it has been removed."""

    notification_id: UUID
    address: str
    order_id: UUID
    gateway: str


def notifications_of(
    reports: Sequence[DeliveryReport],
) -> dict[tuple[str, str], Sequence[Candidate]]:
    """By channel and gateway reference."""
    found: dict[tuple[str, str], list[Candidate]] = defaultdict(list)
    rows = Notification.objects.filter(
        gateway_reference__in={report.reference for report in reports}
    ).values_list("channel", "gateway_reference", "id", "normalized_address", "order_id", "gateway")
    for channel, reference, pk, address, order_id, gateway in rows:
        candidate = Candidate(pk, address, order_id, gateway or "")
        found[channel, reference or ""].append(candidate)
    return dict(found)


def of_gateway(report: DeliveryReport, found: Sequence[Candidate]) -> Sequence[Candidate]:
    """Two gateways may give the same reference: those that were given to the one that reports, as
    far as both are known."""
    return [
        one
        for one in found
        if not (report.gateway and one.gateway) or one.gateway == report.gateway
    ]


def settle(report: DeliveryReport, found: Sequence[Candidate], *, now: datetime) -> None:
    """Mark the report as applied, or for another try, or as dead.

    It is applied only where there is no doubt about which message it means: a gateway may give a
    reference twice, and what an event says is not always signed.
    """
    why = _why_nobodys(report, found)
    if not why:
        report.state = DeliveryReport.State.APPLIED
        report.notification_id = found[0].notification_id
    elif why == NOT_FOUND and report.attempts < len(TRIES_AFTER):
        report.next_attempt_at = now + TRIES_AFTER[report.attempts]
    else:
        report.state = DeliveryReport.State.DEAD
        report.reason = why
    report.attempts += 1


def _why_nobodys(report: DeliveryReport, found: Sequence[Candidate]) -> str:
    """Why the report can be applied to none of the notifications; empty if it can."""
    if not report.status:
        return UNKNOWN_STATE
    if not found:
        return NOT_FOUND
    if len(found) > 1:
        return AMBIGUOUS
    receiver: str = getattr(report, "receiver", None) or ""
    if not is_same_receiver(report.channel, receiver, found[0].address):
        return OF_ANOTHER
    return ""


def is_same_receiver(channel: str, reported: str, address: str) -> bool:
    """Whether they can be the same; so are those of which one is not known.

    Gateways write numbers with or without their country code, and providers write addresses in any
    case, and the letters of a domain as such or in Punycode.
    """
    if channel == NotificationChannel.SMS:
        one, other = (_NOT_A_DIGIT.sub("", number).lstrip("0") for number in (reported, address))
        return one.endswith(other) or other.endswith(one)
    (name, domain), (other_name, other_domain) = map(_parts, (reported, address))
    if not domain or not other_domain:
        return True
    in_letters = any("xn--" in one or not one.isascii() for one in (domain, other_domain))
    return name == other_name and (in_letters or domain == other_domain)


def _parts(address: str) -> tuple[str, str]:
    name, _, domain = address.strip().casefold().rpartition("@")
    return name, domain


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
    """Record what the matched reports say. Of several for one message the one that knows most
    stays, and of those that know as much the first."""
    record.record(
        [
            Result(
                report.notification_id,
                NotificationStatus(report.status),
                finished=NotificationStatus(report.status).is_final,
                reason=NOTHING_KNOWN if report.is_uncertain else "",
                is_uncertain=report.is_uncertain,
            )
            for report in reports
            if report.notification_id is not None
        ],
        now=now,
    )


# One statement without a transaction around it, for half the cost of `bulk_create`.
_TABLE = """
INSERT INTO dispatch_deliveryreport (
    channel, gateway, reference, status, is_uncertain, report, received, state, attempts,
    next_attempt_at, reason
)
"""
# Gateways mostly post one report at a time, and arrays of one value cost twice as much.
_STORE_ONE = f"""
{_TABLE} VALUES (
    %(channel)s, %(gateway)s, %(reference)s, %(status)s, %(uncertain)s, %(report)s::jsonb, %(now)s,
    'Waiting', 0, %(now)s, ''
)
"""
_INTO = f"""
{_TABLE}
SELECT
    channel, gateway, reference, status, is_uncertain, report::jsonb, %(now)s, 'Waiting', 0,
    %(now)s, ''
FROM unnest(
    %(channels)b::text[], %(gateways)b::text[], %(references)b::text[], %(statuses)b::text[],
    %(uncertain)b::boolean[], %(reports)b::text[]
) WITH ORDINALITY AS r (channel, gateway, reference, status, is_uncertain, report, position)
"""  # noqa: S608 - nothing from outside
_STORE = f"{_INTO} ORDER BY position"
_STORE_ONCE = f"""
WITH unused AS (
    INSERT INTO dispatch_eventproof (digest, received) VALUES (%(proof)s, %(now)s)
    ON CONFLICT (digest) DO NOTHING
    RETURNING digest
),
stored AS (
    {_INTO} WHERE EXISTS (SELECT FROM unused) ORDER BY position
)
SELECT EXISTS (SELECT FROM unused)
"""  # noqa: S608 - nothing from outside

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
