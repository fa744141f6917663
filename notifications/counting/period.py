"""Some days of service owners, added up from the daily counts: what became of their notifications,
and how long that took."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from psycopg.rows import TupleRow

from notifications.models import HISTOGRAM_CLASSES, HISTOGRAM_SECONDS, NotificationChannel
from runtime.database import sql


@dataclass(frozen=True, slots=True)
class Period:
    """Days (UTC) from `first` to before `after`, of all service owners and channels unless one is
    given."""

    first: date
    after: date
    creator_id: int | None = None
    channel: NotificationChannel | None = None


class OfStatus(NamedTuple):
    """Notifications of one status; `sent` are those that a gateway took, and `segments` theirs.
    `unfinished` may still change."""

    creator: str
    creator_id: int
    channel: str
    status: str
    notifications: int
    unfinished: int
    sent: int
    segments: int


class OnDay(NamedTuple):
    day: date
    channel: str
    status: str
    notifications: int
    unfinished: int
    sent: int


class Durations(NamedTuple):
    """Histograms by HISTOGRAM_SECONDS: from the making to the gateway, and from there to the
    delivery."""

    creator_id: int
    channel: str
    to_gateway: list[int]
    to_delivery: list[int]


@dataclass(frozen=True, slots=True)
class Within:
    """A share of them took less than so many seconds; None where that is more than a histogram
    tells, which is `HISTOGRAM_SECONDS[-1]`."""

    seconds: int | None


def by_status(period: Period) -> list[OfStatus]:
    return [OfStatus(*row) for row in _rows(_BY_STATUS, period)]


def by_day(period: Period) -> list[OnDay]:
    return [OnDay(*row) for row in _rows(_BY_DAY, period)]


def durations(period: Period) -> list[Durations]:
    return [
        Durations(creator_id, channel, numbers[:HISTOGRAM_CLASSES], numbers[HISTOGRAM_CLASSES:])
        for creator_id, channel, *numbers in _rows(_DURATIONS, period)
    ]


def within(histogram: Sequence[int], share: float) -> Within | None:
    """In what time that share of all was through; None where there is nothing to tell of."""
    total = sum(histogram)
    passed = 0
    for number, count in enumerate(histogram):
        passed += count
        if total and passed >= share * total:
            is_last = number == len(HISTOGRAM_SECONDS)
            return Within(None if is_last else HISTOGRAM_SECONDS[number])
    return None


def _rows(statement: str, period: Period) -> list[TupleRow]:
    return sql.rows(
        statement,
        first=period.first,
        after=period.after,
        creator=period.creator_id,
        channel=period.channel.value if period.channel else None,
    )


# What lies in the period is found by the constraint, which begins with the day.
_IN_PERIOD = """
FROM notifications_dailycount
WHERE day >= %(first)s AND day < %(after)s AND notifications > 0
    AND (%(creator)s::bigint IS NULL OR creator_id = %(creator)s)
    AND (%(channel)s::text IS NULL OR channel = %(channel)s)
"""

_BY_STATUS = f"""
SELECT c.short_name, counted.creator_id, counted.channel, counted.status, counted.notifications,
    counted.unfinished, counted.sent, counted.segments
FROM (
    SELECT creator_id, channel, status, sum(notifications)::bigint AS notifications,
        sum(unfinished)::bigint AS unfinished, sum(sent)::bigint AS sent,
        sum(CASE channel WHEN 'Sms' THEN sent_segments ELSE 0 END)::bigint AS segments
    {_IN_PERIOD}
    GROUP BY creator_id, channel, status
) AS counted
JOIN orders_creator c ON c.id = counted.creator_id
ORDER BY c.short_name, counted.channel, counted.status
"""  # noqa: S608 - nothing from outside

_BY_DAY = f"""
SELECT day, channel, status, sum(notifications)::bigint, sum(unfinished)::bigint, sum(sent)::bigint
{_IN_PERIOD}
GROUP BY day, channel, status
ORDER BY day
"""

_SUMS = ", ".join(
    f"sum({column}[{number}])::bigint"
    for column in ("to_gateway", "to_delivery")
    for number in range(1, HISTOGRAM_CLASSES + 1)
)
_DURATIONS = f"""
SELECT creator_id, channel, {_SUMS}
{_IN_PERIOD}
    AND sent > 0
GROUP BY creator_id, channel
"""
