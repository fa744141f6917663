"""What holds notifications and orders up at this moment: pauses, the window, jobs, staff,
failures."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection

from back_office.privacy import personal_data
from back_office.wording.reasons import told
from dispatch.models import ChannelPause
from dispatch.monitoring import job_health
from dispatch.monitoring.backlog import MAX_BACK_OFF
from dispatch.monitoring.job_health import JobHealth
from notifications import send_window
from notifications.expansion.claims import CREATORS_WITH_WAITING_ORDERS
from notifications.models import NotificationChannel
from notifications.send_hours import MIDNIGHT
from orders.models import Sender
from recipients.masking import mask_text
from runtime.local_time import LOCAL_TIME

LOOKED_AT = 10_000
"""Rows looked at for one number; what reaches it is shown as at least so many."""
LOOKED_AT_OF_A_CREATOR = 1_000
TOP = 10


@dataclass(frozen=True, slots=True)
class Pause:
    """`first_expiry` is when the first notification of the channel expires; where none was found
    among the next to expire, `none_before` is how far that is known."""

    channel: NotificationChannel
    cause: ChannelPause.Cause
    reason: str
    until: datetime
    set_by: str
    has_no_end: bool
    is_probing: bool
    first_expiry: datetime | None
    none_before: datetime | None


@dataclass(frozen=True, slots=True)
class Window:
    """Whether daytime SMS may leave; `changes_at` is None where they always may."""

    is_open: bool
    changes_at: datetime | None


@dataclass(frozen=True, slots=True)
class Counted:
    """So many, the first since a moment; more where `is_all` is false. `owners` is how many service
    owners they are of, where that was counted."""

    count: int
    since: datetime | None
    owners: int = 0

    @property
    def is_all(self) -> bool:
        return self.count < LOOKED_AT


@dataclass(frozen=True, slots=True)
class BackedOff:
    """Orders that wait for another try for one reason."""

    reason: str
    orders: int
    next_try: datetime
    most_tries: int

    def with_others(self, other: "BackedOff | None") -> "BackedOff":
        """Together with others that wait for the same reason."""
        if other is None:
            return self
        return BackedOff(
            self.reason,
            self.orders + other.orders,
            min(self.next_try, other.next_try),
            max(self.most_tries, other.most_tries),
        )


def pauses(*, now: datetime) -> list[Pause]:
    """Those that last, and those for trouble that ran out, of which one message makes sure."""
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_EXPIRY, {"most": LOOKED_AT})
        rows: list[tuple[str, datetime | None, datetime | None]] = cursor.fetchall()
    first = {channel: moment for channel, moment, _ in rows}
    known_until = next((known for _, _, known in rows), None)
    return [
        Pause(
            NotificationChannel(pause.channel),
            ChannelPause.Cause(pause.cause),
            pause.reason,
            pause.until,
            pause.set_by,
            has_no_end=pause.has_no_end(now=now),
            is_probing=pause.is_probing(now=now),
            first_expiry=first.get(pause.channel),
            none_before=None if first.get(pause.channel) else known_until,
        )
        for pause in personal_data.masked(
            ChannelPause.objects.in_force(now=now).order_by("channel", "set_at")
        )
    ]


def window(*, now: datetime) -> Window:
    hours = send_window.daytime()
    if not hours.is_open(now):
        return Window(is_open=False, changes_at=hours.next_open(now))
    if hours.start == MIDNIGHT and hours.end == MIDNIGHT:
        return Window(is_open=True, changes_at=None)
    day = now.astimezone(LOCAL_TIME).date() + timedelta(days=hours.end == MIDNIGHT)
    end = datetime.combine(day, hours.end, tzinfo=LOCAL_TIME).astimezone(UTC)
    return Window(is_open=True, changes_at=end)


def jobs(*, now: datetime) -> list[JobHealth]:
    """Every periodic job, the troubled ones first."""
    return sorted(
        job_health.jobs(now=now), key=lambda health: not (health.is_late or health.has_failed)
    )


def dead_reports() -> Counted:
    """Delivery reports for which no notification was found."""
    return _counted(_DEAD)


def held_orders() -> Counted:
    """Orders that staff hold back."""
    return _counted(_HELD)


def owners_held() -> Counted:
    """Service owners whose new orders staff hold."""
    return _counted(_OWNERS_HELD)


def failing_webhooks() -> Counted:
    """Webhooks in use of which the last tries failed."""
    return _counted(_FAILING)


def undecided_senders() -> int:
    """Senders that service owners have asked for, and nobody has decided about."""
    return Sender.objects.undecided().count()


def stopped_orders() -> Counted:
    """Orders that staff have stopped, and whose last notifications are still on their way."""
    return _counted(_STOPPED)


def backed_off(*, now: datetime) -> list[BackedOff]:
    """Orders that failed and wait for another try, the commonest reason first; of one creator's
    orders that are due in the next hour only the first are looked at."""
    parameters: dict[str, datetime | int] = {
        "until": now + MAX_BACK_OFF,
        "most": LOOKED_AT_OF_A_CREATOR,
    }
    found: dict[str, BackedOff] = {}
    with connection.cursor() as cursor:
        for awaits in ("NOT awaits_condition", "awaits_condition"):
            cursor.execute(_BACKED_OFF.format(awaits=awaits), parameters)
            for row in cursor.fetchall():
                one = BackedOff(mask_text(told(row[0])), *row[1:])
                found[one.reason] = one.with_others(found.get(one.reason))
    return sorted(found.values(), key=lambda one: (-one.orders, one.reason))[:TOP]


def _counted(statement: str) -> Counted:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"most": LOOKED_AT})
        return Counted(*cursor.fetchone())


# Every row tells how far the rows reach, where there were as many as were to be looked at.
_FIRST_EXPIRY = """
WITH next AS MATERIALIZED (
    SELECT channel, status, expires_at FROM notifications_notification
    WHERE finished_at IS NULL AND expires_at IS NOT NULL
    ORDER BY expires_at
    LIMIT %(most)s
)
SELECT
    channel,
    min(expires_at) FILTER (WHERE status IN ('New', 'Sending')),
    (SELECT max(expires_at) FROM next HAVING count(*) = %(most)s)
FROM next
GROUP BY channel
"""

_DEAD = """
SELECT count(*), min(received) FROM (
    SELECT received FROM dispatch_deliveryreport
    WHERE state = 'Dead' ORDER BY received LIMIT %(most)s
) AS found
"""

_HELD = """
SELECT count(*), min(held_at), count(DISTINCT creator_id) FROM (
    SELECT held_at, creator_id FROM orders_order
    WHERE held_at IS NOT NULL ORDER BY held_at LIMIT %(most)s
) AS found
"""

_OWNERS_HELD = """
SELECT count(*), min(new_orders_held_at) FROM (
    SELECT new_orders_held_at FROM orders_creator
    WHERE new_orders_held_at IS NOT NULL LIMIT %(most)s
) AS found
"""

_FAILING = """
SELECT count(*), min(failing_since) FROM (
    SELECT failing_since FROM events_subscription
    WHERE state = 'Active' AND failing_since IS NOT NULL LIMIT %(most)s
) AS found
"""

_STOPPED = """
SELECT count(*), min(stopped_at) FROM (
    SELECT stopped_at FROM orders_order
    WHERE status = 'Processed' AND stopped_at IS NOT NULL ORDER BY stopped_at LIMIT %(most)s
) AS found
"""

# Orders for later lie beyond the longest back-off and are not looked at.
_BACKED_OFF = (
    CREATORS_WITH_WAITING_ORDERS  # noqa: S608 - nothing from outside
    + """
SELECT reason, count(*), min(due.next_attempt_at), max(attempts)
FROM waiting
CROSS JOIN LATERAL (
    SELECT reason, next_attempt_at, attempts, lease_token FROM orders_order
    WHERE status IN ('Registered', 'Processing') AND held_at IS NULL AND {awaits}
        AND creator_id = waiting.creator_id AND next_attempt_at <= %(until)s
    ORDER BY next_attempt_at
    LIMIT %(most)s
) AS due
WHERE attempts > 0 AND lease_token IS NULL
GROUP BY reason
"""
)
