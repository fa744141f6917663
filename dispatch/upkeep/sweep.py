"""Sees to it that nothing stays open for ever: lapsed leases, expired messages, lost orders."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_noop

from dispatch.models import Attempt
from dispatch.reports import delivery_reports
from dispatch.sending import claims, incidents
from dispatch.upkeep import gateway_shares
from dispatch.upkeep.after_restore import LEFT_BEFORE_RESTORE
from notifications import ready
from notifications.control import hold, stop
from notifications.expiry import GRACE
from notifications.models import Notification, NotificationQuerySet, NotificationStatus
from notifications.results import record
from notifications.results.record import Result
from orders.models import Order
from orders.placing import idempotency

BATCH = 1_000
SETTLED = timedelta(seconds=60)
# What workers know of messages, and could not write while the database was away, comes first.
AFTER_RESTART = timedelta(seconds=15)
# In leases: for how long no sweep has written when the database is taken to have been away. Longer
# than from sweep to sweep; and who learns what became of a message sooner than this before its
# lease ends finds no silence that is shorter in its way.
SILENT_AFTER = 0.5

NEVER_SENT = gettext_noop("The message could not be sent before it expired.")
LOST = gettext_noop("The worker that was sending the message did not come back.")
INSTANT_LOST = gettext_noop(
    "The process that was sending the message did not come back. An instant message is not sent"
    " again."
)
NOBODY_KNOWS = gettext_noop(
    "Nobody knows whether the gateway took the message, and no delivery report came before it"
    " expired."
)
NO_REPORT = gettext_noop(
    "The gateway took the message, but no delivery report came before it expired."
)


@dataclass(frozen=True, slots=True)
class Swept:
    """How many of each were found. `ended` are messages of stopped orders that came back unsent,
    `marked` those of held orders that were not out of the claim's way."""

    lapsed: int
    expired: int
    completed: int
    ended: int
    marked: int


def sweep(*, now: datetime) -> Swept:
    """One round over everything that time, not an event, moves on."""
    swept = Swept(
        lapsed=return_lapsed(now=now),
        ended=stop.end_returned(now=now),
        expired=expire(now=now),
        completed=complete(now=now),
        marked=hold.put_right(),
    )
    incidents.look(now=now)
    gateway_shares.count(now=now)
    idempotency.forget_old(now=now)
    # Those of moments to come are believed for as long.
    delivery_reports.forget_proofs(
        before=now - 2 * timedelta(minutes=settings.EMAIL_REPORTS_FRESH_MINUTES)
    )
    return swept


def return_lapsed(*, now: datetime) -> int:
    """Messages whose sender died go back to the queue; an instant one is left to wait for a report
    until it expires, as nobody sends it again.

    Whether the gateway has taken them is not known: this is one of the two legal causes of a
    message being sent twice, and so they are for that gateway alone. Where the lease is older than
    PostgreSQL's last start, or lapsed while nobody could write, its sender may be alive with the
    outcome in its hands: such messages are left alone for a while.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _RETURN_LAPSED,
            {
                "now": now,
                "settled": now - AFTER_RESTART,
                "silent": now - claims.LEASE * SILENT_AFTER,
                "grace": GRACE.total_seconds(),
                "lost": LOST,
                "instant_lost": INSTANT_LOST,
            },
        )
        count: int = cursor.rowcount
    if count:
        ready.tell_of_some()
    return count


def expire(*, now: datetime) -> int:
    """Open messages past their expiry fail, batch by batch, whatever they were waiting for.

    Those being sent at this moment are left to their sender, or to the end of its lease; instant
    ones until it is noted why nobody knows of them.
    """
    before = now - GRACE
    overdue = Notification.objects.past_expiry(before=before)
    noted = Attempt.objects.filter(notification=OuterRef("pk"))
    unknown = Notification.objects.unconfirmed_past_expiry(before=before, now=now)
    return _expire(overdue, now=now) + _expire(unknown.filter(Exists(noted)), now=now)


def _expire(overdue: NotificationQuerySet, *, now: datetime) -> int:
    may_be_taken = Attempt.objects.of_unknown_end().filter(notification=OuterRef("pk"))
    columns = ("id", "sent_at", "channel", "expires_at", "reason", "may_be_taken")
    looked_at = overdue.annotate(may_be_taken=Exists(may_be_taken)).values_list(*columns)
    count = 0
    while True:
        batch = list(looked_at[:BATCH])
        expired = [
            Result(
                notification_id,
                NotificationStatus.FAILED_TTL,
                finished=True,
                reason=_why(sent_at, reason, may_be_taken=may_be_taken),
            )
            for notification_id, sent_at, _channel, _expiry, reason, may_be_taken in batch
        ]
        changed = record.record(expired, now=now)
        incidents.add_expired(
            [
                (channel, expiry)
                for _id, sent_at, channel, expiry, _reason, _may_be_taken in batch
                if sent_at is None and expiry is not None
            ]
        )
        if not changed:
            return count
        count += len(changed)


def _why(sent_at: datetime | None, reason: str, *, may_be_taken: bool) -> str:
    """What left before a restore keeps its reason, which says why no report came."""
    if sent_at is None:
        return NOBODY_KNOWS if may_be_taken else NEVER_SENT
    return LEFT_BEFORE_RESTORE if reason == LEFT_BEFORE_RESTORE else NO_REPORT


def complete(*, now: datetime) -> int:
    """Orders that have nothing open but were not completed by who recorded their last result.

    That should never happen; if it does, it is put right within a minute.
    """
    is_open = Notification.objects.open().filter(order=OuterRef("pk"))
    left_behind = Order.objects.processed_before(now - SETTLED).exclude(Exists(is_open))
    ids = list(left_behind.values_list("pk", flat=True)[:BATCH])
    with transaction.atomic():
        return len(record.complete(ids, now=now))


# A lease is left alone by the one silence in which it lapsed: sweeps that are always far apart see
# one silence after the other, and find it before the last of them.
_RETURN_LAPSED = """
WITH silence AS (
    INSERT INTO dispatch_silence AS s (id, seen) VALUES (1, %(now)s)
    ON CONFLICT (id) DO UPDATE
    SET seen = greatest(s.seen, excluded.seen),
        began = CASE WHEN s.seen < %(silent)s THEN s.seen ELSE s.began END,
        ended = CASE WHEN s.seen < %(silent)s THEN excluded.seen ELSE s.ended END
    RETURNING s.began, s.ended
),
lapsed AS MATERIALIZED (
    SELECT
        id,
        resend_of_id IS NULL AND 'Instant' = (
            SELECT type FROM orders_order WHERE orders_order.id = order_id
        ) AS is_instant
    FROM notifications_notification
    WHERE status = 'Sending' AND lease_until < %(now)s
        AND NOT (
            status_at < pg_postmaster_start_time()
            AND pg_postmaster_start_time() BETWEEN %(settled)s AND %(now)s
        )
        AND NOT EXISTS (
            SELECT FROM silence
            WHERE lease_until >= began AND status_at < ended AND ended > %(settled)s
        )
    ORDER BY id
    FOR NO KEY UPDATE SKIP LOCKED
),
returned AS (
    UPDATE notifications_notification n
    SET status = 'New', status_at = %(now)s, lease_until = NULL, lease_token = NULL,
        next_attempt_at = %(now)s, attempts = n.attempts + 1
    FROM lapsed WHERE n.id = lapsed.id AND NOT lapsed.is_instant
    RETURNING n.id, %(lost)s::text AS reason, n.gateway
),
kept AS (
    UPDATE notifications_notification n
    SET lease_until = n.expires_at + make_interval(secs => %(grace)s)
    FROM lapsed WHERE n.id = lapsed.id AND lapsed.is_instant
        AND NOT EXISTS (SELECT FROM dispatch_attempt a WHERE a.notification_id = n.id)
    RETURNING n.id, %(instant_lost)s::text AS reason, n.gateway
)
INSERT INTO dispatch_attempt (notification_id, outcome, reason, gateway, reference, created)
SELECT id, 'LeaseLost', reason, coalesce(gateway, ''), '', %(now)s
FROM (
    SELECT id, reason, gateway FROM returned UNION ALL SELECT id, reason, gateway FROM kept
) AS lost (id, reason, gateway)
"""
