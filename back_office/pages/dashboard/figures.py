"""The figures of the front page, read from the database for all who look within a few seconds."""

import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from back_office.lists.paging import QueryTimedOut, statement_timeout
from back_office.pages.dashboard import daily_counts, operations_status
from back_office.pages.dashboard.daily_counts import Events
from back_office.pages.dashboard.operations_status import BackedOff, Counted, Pause, Window
from back_office.pages.statistics import days
from back_office.pages.statistics.days import Bar
from dispatch.monitoring import backlog
from dispatch.monitoring.backlog import Backlog
from dispatch.monitoring.job_health import JobHealth
from notifications.counting import period
from notifications.counting.period import Period
from notifications.models import NotificationChannel

FRESH = timedelta(seconds=5)
"""However many look, this process reads the figures only so often."""
QUERY_TIMEOUT = timedelta(seconds=2)
TOP = 10

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CreatorsBacklog:
    """Notifications of one creator that wait to be sent; `at_least` so many where not all were
    counted."""

    creator: str
    notifications: int
    at_least: bool
    late: timedelta


@dataclass(frozen=True, slots=True)
class Waiting:
    """`late` is for how long the oldest notification of each channel could have left by now."""

    late: Sequence[tuple[NotificationChannel, timedelta]]
    creators: Sequence[CreatorsBacklog]
    other_creators: int


@dataclass(frozen=True, slots=True)
class Figures:
    """All of the front page at one moment. None is what was too much to count in time."""

    read_at: datetime
    events: Events | None
    waiting: Waiting | None
    pauses: Sequence[Pause] | None
    window: Window
    jobs: Sequence[JobHealth]
    held: Counted | None
    owners_held: Counted | None
    stopped: Counted | None
    backed_off: Sequence[BackedOff] | None
    dead_reports: Counted | None
    failing_webhooks: Counted | None
    undecided_senders: int | None
    week: Sequence[Bar] | None


class Shared:
    """Figures for all threads of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events = daily_counts.Count()
        self._last: Figures | None = None

    def at(self, now: datetime) -> Figures:
        """Those of the last seconds if there are any; whoever asks meanwhile waits for them."""
        with self._lock:
            if self._last is None or not timedelta() <= now - self._last.read_at < FRESH:
                self._last = self._read(now=now)
            return self._last

    def _read(self, *, now: datetime) -> Figures:
        return Figures(
            read_at=now,
            events=in_time(lambda: self._events.look(now=now)),
            waiting=in_time(lambda: waiting(backlog.backlogs(now=now))),
            pauses=in_time(lambda: operations_status.pauses(now=now)),
            window=operations_status.window(now=now),
            jobs=operations_status.jobs(now=now),
            held=in_time(operations_status.held_orders),
            owners_held=in_time(operations_status.owners_held),
            stopped=in_time(operations_status.stopped_orders),
            backed_off=in_time(lambda: operations_status.backed_off(now=now)),
            dead_reports=in_time(operations_status.dead_reports),
            failing_webhooks=in_time(operations_status.failing_webhooks),
            undecided_senders=in_time(operations_status.undecided_senders),
            week=in_time(lambda: week(now=now)),
        )


shared = Shared()


def in_time(read: Callable[[], T]) -> T | None:
    try:
        with statement_timeout(QUERY_TIMEOUT):
            return read()
    except QueryTimedOut:
        return None


def week(*, now: datetime) -> list[Bar]:
    """What became of the notifications of the last seven days (UTC), today with what is known."""
    after = now.astimezone(UTC).date() + days.DAY
    first = after - 7 * days.DAY
    return days.bars(period.by_day(Period(first, after)), first=first, after=after)


def waiting(backlogs: Sequence[Backlog]) -> Waiting:
    """The creators with the most notifications, both channels together."""
    of_creator: dict[str, list[Backlog]] = defaultdict(list)
    for queue in backlogs:
        of_creator[queue.creator].append(queue)
    # Each backlog was counted to an equal share, or two where both policies are in it.
    share = backlog.MAX_COUNTED // (2 * max(1, len(backlogs)))
    creators = [
        CreatorsBacklog(
            creator,
            notifications=sum(one.notifications for one in mine),
            at_least=any(one.notifications >= share for one in mine),
            late=max(one.late for one in mine),
        )
        for creator, mine in of_creator.items()
    ]
    creators.sort(key=lambda one: (-one.notifications, one.creator))
    late = {
        channel: max(one.late for one in backlogs if one.channel == channel)
        for channel in NotificationChannel
        if any(one.channel == channel for one in backlogs)
    }
    return Waiting(list(late.items()), creators[:TOP], max(0, len(creators) - TOP))
