"""What happened today: notifications sent and ended, counted anew only where something can have
changed.

No index finds the notifications that were sent or ended in a period, and one for that alone would
cost every recording. But a notification is sent and ends within days of being made, its id tells
when it was made, and once it has ended it hardly changes. So notifications are counted by the
minute in which they were made, and a minute whose notifications have all ended is remembered. Each
look counts a bounded number of notifications: what is not counted yet, then what was counted
longest ago."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import Enum
from typing import NamedTuple

from django.db import Error
from psycopg.rows import TupleRow

from notifications.counting.period import Within, within
from notifications.models import (
    HISTOGRAM_CLASSES,
    HISTOGRAM_SECONDS,
    NotificationChannel,
    NotificationStatus,
)
from runtime.database import sql
from runtime.database.away import was_cancelled
from runtime.local_time import LOCAL_TIME
from runtime.uuid7 import lowest_at

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
STAYS_OPEN = timedelta(hours=72)
"""Longer than any notification is open: it expires 48 hours after its first window opens."""
STORED_WITHIN = timedelta(minutes=2)
"""How long after an id was made its row may still appear."""
MAX_COUNTED = 100_000
MIN_COUNTED = 10_000
STATEMENTS = 3
LATELY_IN = timedelta(minutes=5)
DELIVERED = (NotificationStatus.DELIVERED, NotificationStatus.SUCCEEDED)
"""What ended as `Succeeded` went to a server that sends no reports."""
UNREACHABLE = (
    NotificationStatus.FAILED_RECIPIENT_RESERVED,
    NotificationStatus.FAILED_RECIPIENT_NOT_IDENTIFIED,
)


@dataclass(frozen=True, slots=True)
class OfChannel:
    """Events of one day. `delivered` and `failed` are of those that were sent on it, so that what
    is left is on its way; what a server took that sends no delivery reports is among the delivered,
    and also stands alone, as `unreported`.

    `never_sent` failed without being sent; `earlier` ended, and were sent on a day before.
    `ended_lately` are those of the last hour, `failed_lately` the failed ones of them, but without
    those whose recipients cannot be reached, as registers say. `to_delivery` is how long half of
    the delivered took from the gateway, and 95 in 100.
    """

    channel: NotificationChannel
    sent: int = 0
    delivered: int = 0
    unreported: int = 0
    failed: int = 0
    never_sent: int = 0
    earlier: int = 0
    ended_lately: int = 0
    failed_lately: int = 0
    to_delivery: tuple[Within | None, Within | None] = (None, None)

    @property
    def on_its_way(self) -> int:
        return self.sent - self.delivered - self.failed


@dataclass(frozen=True, slots=True)
class Events:
    """What happened since midnight, and how many notifications were sent in each minute of the last
    hour, the present one last.

    `as_of` is when the longest unvisited of it was counted; `made_since` is given while
    notifications made before it are still to be counted."""

    channels: Sequence[OfChannel]
    failures: Sequence[tuple[NotificationStatus, int]]
    per_minute: Sequence[tuple[datetime, Counter[NotificationChannel]]]
    as_of: datetime
    made_since: datetime | None


class Sent(Enum):
    TODAY = "today"
    EARLIER = "earlier"
    NEVER = "never"


class Ended(NamedTuple):
    """What ended today: with which status, and when it was sent."""

    channel: str
    status: str
    sent: Sent


@dataclass(slots=True)
class MadeInAMinute:
    """The events of the notifications that were made in one minute; the ends are those of today.

    `lately` are the ends of the last hour, by spans of LATELY_IN; `delivered_in` the classes of a
    histogram.
    """

    counted_at: datetime
    can_change: bool
    sent: Counter[tuple[str, datetime]] = field(default_factory=Counter)
    ended: Counter[Ended] = field(default_factory=Counter)
    lately: Counter[tuple[str, str, datetime]] = field(default_factory=Counter)
    delivered_in: Counter[tuple[str, int]] = field(default_factory=Counter)

    def forget_day(self) -> None:
        self.ended.clear()
        self.delivered_in.clear()

    def add_to(self, other: "MadeInAMinute") -> None:
        other.sent.update(self.sent)
        other.ended.update(self.ended)
        other.lately.update(self.lately)
        other.delivered_in.update(self.delivered_in)


class Count:
    """Remembers what was counted, from one look to the next. Not to be shared between threads."""

    def __init__(self) -> None:
        self._minutes: dict[datetime, MadeInAMinute] = {}
        self._midnight = datetime.min.replace(tzinfo=UTC)
        self._max_counted = MAX_COUNTED
        self._half_counted: datetime | None = None

    def look(self, *, now: datetime) -> Events:
        """Count what is most in need of it: by one statement, but by some more where much was never
        counted."""
        if self._midnight != (midnight := last_midnight(now)):
            self._midnight = midnight
            for minute in self._minutes.values():
                minute.forget_day()
        wanted = range_of_minutes(midnight - STAYS_OPEN, now)
        self._minutes = {start: self._minutes[start] for start in wanted if start in self._minutes}
        for _ in range(STATEMENTS):
            self._read(self._most_in_need(wanted), now=now)
            if self._made_since(wanted) is None:
                break
        return self._events(wanted, now=now)

    def _most_in_need(self, wanted: Sequence[datetime]) -> list[datetime]:
        """The minute that was too large for the end of the last look; those never counted, the
        latest first; then those that can change."""
        unknown = [start for start in reversed(wanted) if start not in self._minutes]
        known = [start for start, minute in self._minutes.items() if minute.can_change]
        known.sort(key=lambda start: self._minutes[start].counted_at)
        return sorted(unknown + known, key=lambda start: start != self._half_counted)

    def _read(self, starts: Sequence[datetime], *, now: datetime) -> None:
        rows = self._rows(starts, now=now)
        complete = starts
        if sum(row[-1] for row in rows) == self._max_counted:
            # The last minute that was reached may be half counted, and must not be taken for whole.
            before = max(row[0] for row in rows) - 1
            complete, self._half_counted = starts[:before], starts[before]
            if not complete:
                self._max_counted *= 2
        read = {
            start: MadeInAMinute(now, can_change=start + MINUTE + STORED_WITHIN > now)
            for start in complete
        }
        for number, channel, status, sent, is_sent, today, lately, took, is_open, count in rows:
            if number > len(complete):
                continue
            minute = read[starts[number - 1]]
            if sent:
                minute.sent[channel, sent] += count
            if today:
                minute.ended[Ended(channel, status, self._when_sent(sent, is_sent))] += count
            if lately:
                minute.lately[channel, status, lately] += count
            if today and took is not None:
                minute.delivered_in[channel, took] += count
            # A report that comes late makes a delivered notification of an expired one.
            minute.can_change |= is_open or status == NotificationStatus.FAILED_TTL
        self._minutes |= read

    def _rows(self, starts: Sequence[datetime], *, now: datetime) -> list[TupleRow]:
        try:
            return sql.rows(
                _COUNT,
                starts=[lowest_at(start) for start in starts],
                ends=[lowest_at(start + MINUTE) for start in starts],
                midnight=self._midnight,
                since=min(self._midnight, now - HOUR),
                hour_ago=now - HOUR,
                span=LATELY_IN,
                bounds=list(HISTOGRAM_SECONDS),
                most=self._max_counted,
            )
        except Error as error:
            if was_cancelled(error):  # it took too long
                self._max_counted = max(MIN_COUNTED, self._max_counted // 2)
            raise

    def _when_sent(self, minute: datetime | None, is_sent: bool) -> Sent:
        if minute is not None and minute >= self._midnight:
            return Sent.TODAY
        return Sent.EARLIER if is_sent else Sent.NEVER

    def _events(self, wanted: Sequence[datetime], *, now: datetime) -> Events:
        total = MadeInAMinute(now, can_change=False)
        for minute in self._minutes.values():
            minute.add_to(total)
        failures: Counter[NotificationStatus] = Counter()
        for ended, count in total.ended.items():
            if ended.status not in DELIVERED and ended.sent is not Sent.EARLIER:
                failures[NotificationStatus(ended.status)] += count
        per_minute: dict[datetime, Counter[NotificationChannel]] = defaultdict(Counter)
        for (channel, start), count in total.sent.items():
            per_minute[start][NotificationChannel(channel)] += count
        last_hour = range_of_minutes(now - HOUR + MINUTE, now)
        return Events(
            channels=[self._of_channel(one, total, now=now) for one in NotificationChannel],
            failures=failures.most_common(),
            per_minute=[(start, per_minute[start]) for start in last_hour],
            as_of=min(self._counted_at(), default=now),
            made_since=self._made_since(wanted),
        )

    def _of_channel(
        self, channel: NotificationChannel, total: MadeInAMinute, *, now: datetime
    ) -> OfChannel:
        ended = [(one, count) for one, count in total.ended.items() if one.channel == channel]
        delivered = {
            status: total.ended[Ended(channel, status, Sent.TODAY)] for status in DELIVERED
        }
        sent_today = sum(count for one, count in ended if one.sent is Sent.TODAY)
        lately = [
            (status, count)
            for (of, status, start), count in total.lately.items()
            if of == channel and start >= now - HOUR and status not in UNREACHABLE
        ]
        took = [total.delivered_in[channel, number] for number in range(HISTOGRAM_CLASSES)]
        return OfChannel(
            channel,
            sent=sum(
                count
                for (of, start), count in total.sent.items()
                if of == channel and start >= self._midnight
            ),
            delivered=sum(delivered.values()),
            unreported=delivered[NotificationStatus.SUCCEEDED],
            failed=sent_today - sum(delivered.values()),
            never_sent=sum(count for one, count in ended if one.sent is Sent.NEVER),
            earlier=sum(count for one, count in ended if one.sent is Sent.EARLIER),
            ended_lately=sum(count for _, count in lately),
            failed_lately=sum(count for status, count in lately if status not in DELIVERED),
            to_delivery=(within(took, 0.5), within(took, 0.95)),
        )

    def _counted_at(self) -> Iterator[datetime]:
        return (minute.counted_at for minute in self._minutes.values() if minute.can_change)

    def _made_since(self, wanted: Sequence[datetime]) -> datetime | None:
        missing = [start for start in wanted if start not in self._minutes]
        return max(missing) + MINUTE if missing else None


def last_midnight(now: datetime) -> datetime:
    """When this day began in Oslo."""
    return datetime.combine(
        now.astimezone(LOCAL_TIME).date(), time(), tzinfo=LOCAL_TIME
    ).astimezone(UTC)


def range_of_minutes(first: datetime, last: datetime) -> list[datetime]:
    """The minutes from that of the first moment to that of the last, which has begun."""
    start = first.astimezone(UTC).replace(second=0, microsecond=0)
    return [start + MINUTE * number for number in range((last - start) // MINUTE + 1)]


# The inner ORDER BY keeps the planner on the primary key: minute by minute in the order given, till
# there is enough. A delivery report can come before the answer to the sending itself; the
# notification was sent all the same.
_COUNT = """
SELECT number, channel, status, sent, is_sent, today, lately, took, is_open, count(*)
FROM (
    SELECT
        asked.number, made.channel, made.status,
        CASE WHEN made.sent_at >= %(since)s THEN date_trunc('minute', made.sent_at) END AS sent,
        made.sent_at IS NOT NULL AS is_sent,
        coalesce(made.finished_at >= %(midnight)s, false) AS today,
        CASE WHEN made.finished_at >= %(hour_ago)s
            THEN date_bin(%(span)s, made.finished_at, '2000-01-01Z') END AS lately,
        CASE WHEN made.status = 'Delivered' AND made.finished_at >= %(midnight)s THEN width_bucket(
            extract(epoch FROM made.finished_at - made.sent_at)::float8, %(bounds)s::float8[]
        ) END AS took,
        made.finished_at IS NULL AS is_open
    FROM unnest(%(starts)s::uuid[], %(ends)s::uuid[])
        WITH ORDINALITY AS asked (low, high, number)
    CROSS JOIN LATERAL (
        SELECT
            n.channel, n.status, n.finished_at,
            coalesce(n.sent_at, CASE n.status WHEN 'Delivered' THEN n.finished_at END) AS sent_at
        FROM notifications_notification n
        WHERE n.id >= asked.low AND n.id < asked.high AND NOT n.is_simulated
        ORDER BY n.id
    ) AS made
    LIMIT %(most)s
) AS one
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
"""
