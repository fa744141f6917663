"""What may have left before a crash that the restored database knows nothing of, and what is known
of it all the same."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q
from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import gettext_noop

from dispatch.gateways.base import TAKEN
from dispatch.models import DeliveryReport
from dispatch.reports import delivery_reports
from notifications import send_window
from notifications.models import (
    Notification,
    NotificationChannel,
    NotificationQuerySet,
    NotificationStatus,
)
from notifications.results import record
from notifications.results.record import Result
from orders.models import Order, OrderQuerySet, OrderStatus, OrderType, SendingTimePolicy
from runtime.database import sql

LEFT_BEFORE_RESTORE = gettext_noop(
    "It left before the database was restored; a delivery report from before that is lost."
)
NOT_SENT_AGAIN = (
    "Not sent after the database was restored; nobody knows whether it had left before: {reason}"
)
MIN_FEED_GAP = 10_000
FEED_ENTRIES_A_SECOND = 1_000
"""More than any installation has; the gap costs nothing."""

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NOT_A_DIGIT = re.compile(r"[^0-9]")
_DIGITS_OF_ITS_OWN = 8
"""A Norwegian number without its country code."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The time of which the database knows nothing: from the moment to which it was restored until
    the last process that could send had ended."""

    since: datetime
    until: datetime


class Candidate(NamedTuple):
    """A notification that may have left in the lost time."""

    id: UUID
    channel: str
    address: str
    reference: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of candidates. `left` are named by a report or by the gateway's own list,
    `likely` are those for whose receiver, and no other candidate's, there is one report on an
    unknown reference. Each has its report, where there is one."""

    left: Mapping[UUID, DeliveryReport | None] = field(default_factory=dict)
    likely: Mapping[UUID, DeliveryReport] = field(default_factory=dict)


def may_have_left(lost: Lost) -> NotificationQuerySet:
    """Open, and not handed over as far as the database knows, but due in the lost time.

    Of orders that were being processed the notifications may have been made anew since; so it is
    the order that must be older. Instant ones are never sent again, and so are left out; and so is
    what the send window has kept in all of the lost time.
    """
    rows = Notification.objects.open().filter(
        Q(resend_of=None) | Q(created__lte=lost.since),
        status__in=[NotificationStatus.NEW, NotificationStatus.SENDING],
        order__created__lte=lost.since,
        order__requested_send_time__lte=lost.until,
    )
    if send_window.earliest(SendingTimePolicy.DAYTIME, lost.since) > lost.until:
        rows = rows.exclude(policy=SendingTimePolicy.DAYTIME, status=NotificationStatus.NEW)
    return rows.exclude(order__type=OrderType.INSTANT, resend_of=None)


def still_to_expand(lost: Lost) -> OrderQuerySet:
    """Orders of which notifications may have left, and whose notifications are not there (yet)."""
    return Order.objects.filter(
        status__in=[OrderStatus.REGISTERED, OrderStatus.PROCESSING],
        created__lte=lost.since,
        requested_send_time__lte=lost.until,
    )


def candidates(rows: NotificationQuerySet) -> list[Candidate]:
    """In the order of their ids."""
    columns = ("id", "channel", "normalized_address", "gateway_reference")
    return [Candidate(*row) for row in rows.order_by("id").values_list(*columns)]


def known_of(found: Sequence[Candidate], *, references: Iterable[str], since: datetime) -> Known:
    """Looks at the delivery reports that have come since and found no notification, and at the
    gateway's own list: lines that hold the id of a notification, or are a reference."""
    by_id = {one.id: one for one in found}
    by_reference = {one.reference: one.id for one in found if one.reference}
    left: dict[UUID, DeliveryReport | None] = {}
    for line in references:
        named = {UUID(text) for text in _ID.findall(line)} & by_id.keys()
        left |= dict.fromkeys(named)
        if (of_reference := by_reference.get(line.strip())) is not None:
            left[of_reference] = None
    unnamed = []
    for report in _unmatched(since=since):
        named = {UUID(text) for text in _ID.findall(report.reference)} & by_id.keys()
        if (of_reference := by_reference.get(report.reference)) is not None:
            named.add(of_reference)
        left |= {one: report for one in named if by_id[one].channel == report.channel}
        if not named:
            unnamed.append(report)
    likely = _by_receiver((one for one in found if left.get(one.id) is None), unnamed)
    left |= {one: report for one, report in likely.items() if one in left}
    return Known(left, {one: report for one, report in likely.items() if one not in left})


def _unmatched(*, since: datetime) -> list[DeliveryReport]:
    """Reports on references that are not known, or not known yet; the earliest first."""
    return list(
        DeliveryReport.objects.filter(
            state__in=[DeliveryReport.State.WAITING, DeliveryReport.State.DEAD],
            reason__in=["", delivery_reports.NOT_FOUND],
            received__gt=since,
        )
        .annotate(receiver=KeyTextTransform("receiver", "report"))
        .order_by("id")
    )


def _by_receiver(
    found: Iterable[Candidate], reports: Iterable[DeliveryReport]
) -> dict[UUID, DeliveryReport]:
    """Only where there is one of each: of two nobody could say which one left."""
    waiting: dict[tuple[str, str], list[Candidate]] = defaultdict(list)
    reported: dict[tuple[str, str], list[DeliveryReport]] = defaultdict(list)
    for one in found:
        waiting[one.channel, _key(one.channel, one.address)].append(one)
    for report in reports:
        receiver: str = getattr(report, "receiver", None) or ""
        reported[report.channel, _key(report.channel, receiver)].append(report)
    return {
        waiting[place][0].id: of_it[0]
        for place, of_it in reported.items()
        if place[1] and len(of_it) == len(waiting.get(place, ())) == 1
    }


def _key(channel: str, address: str) -> str:
    if channel == NotificationChannel.SMS:
        return _NOT_A_DIGIT.sub("", address)[-_DIGITS_OF_ITS_OWN:]
    return address.strip().casefold()


def mark_left(
    ids: Collection[UUID],
    reports: Mapping[UUID, DeliveryReport | None],
    *,
    lost: Lost,
    now: datetime,
) -> None:
    """Record that the gateway took them, at the latest when the lost time ended, and let their
    reports find them. Needs a transaction in which they are locked.

    An e-mail ends so. An SMS waits for its report, as the contract has no final word for it, and
    ends as expired if the report came in the lost time.
    """
    channels = dict(Notification.objects.filter(pk__any_of=ids).values_list("pk", "channel"))
    results = []
    for pk, channel in channels.items():
        report = reports.get(pk)
        status = TAKEN[NotificationChannel(channel)]
        results.append(
            Result(
                pk,
                status,
                finished=status == NotificationStatus.SUCCEEDED,
                reason=LEFT_BEFORE_RESTORE,
                gateway_reference=report.reference if report else None,
            )
        )
    record.record(results, now=now)
    sql.change(_SENT_AT, ids=list(ids), until=lost.until)
    replayed = [report.pk for pk in ids if (report := reports.get(pk))]
    delivery_reports.replay(replayed, now=now)


def end(ids: Collection[UUID], *, reason: str, now: datetime) -> None:
    """Never send them; a report that knows more replaces the status. Needs a transaction in which
    they are locked."""
    record.record(
        [
            Result(
                pk,
                NotificationStatus.FAILED,
                finished=True,
                reason=NOT_SENT_AGAIN.format(reason=reason),
                is_uncertain=True,
            )
            for pk in ids
        ],
        now=now,
    )


def skip_feed_numbers(lost: Lost) -> int:
    """Let the feed go on above all numbers that it can have given in the lost time: whoever has
    read these would skip others of the same numbers. Returns the last one that is skipped."""
    seconds = (lost.until - lost.since).total_seconds()
    gap = MIN_FEED_GAP + round(FEED_ENTRIES_A_SECOND * seconds)
    [(last,)] = sql.rows(_SKIP, gap=gap)
    return int(last)


_SENT_AT = """
UPDATE notifications_notification SET sent_at = greatest(created, %(until)s)
WHERE id = ANY(%(ids)s) AND status IN ('Accepted', 'Succeeded')
"""

_SKIP = """
SELECT setval(feed.numbers, nextval(feed.numbers) + %(gap)s::bigint)
FROM (
    SELECT pg_get_serial_sequence('notifications_statusfeedentry', 'sequence_number')::regclass
) AS feed (numbers)
"""
