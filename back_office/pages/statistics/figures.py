"""The statistics of one period: of all, of each service owner and channel, of each reason, of each
day; and of the period before."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.conf import settings

from back_office.pages.statistics import days, outcomes
from back_office.pages.statistics.days import Chart
from back_office.pages.statistics.outcomes import Outcomes
from notifications.counting import period as counts
from notifications.counting.period import Durations, OfStatus, Period, Within, within
from notifications.models import NotificationChannel, NotificationStatus

MEDIAN, NEARLY_ALL = 0.5, 0.95


@dataclass(frozen=True, slots=True)
class Numbers:
    """`cost` is in kroner, None where no price is set. The times are those of half of them, and of
    95 in 100: from the making to the gateway, and from there to the delivery."""

    outcomes: Outcomes
    segments: int
    cost: float | None
    to_gateway: Sequence[Within | None] = (None, None)
    to_delivery: Sequence[Within | None] = (None, None)


@dataclass(frozen=True, slots=True)
class OfOwner:
    """One service owner's on one channel; `failures` by their status."""

    creator: str
    creator_id: int
    channel: NotificationChannel
    numbers: Numbers
    failures: Counter[str]


@dataclass(frozen=True, slots=True)
class Failures:
    """Of one status, in the period and in the one before."""

    status: NotificationStatus
    count: int
    before: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """The largest service owners come first, the commonest failures, too."""

    period: Period
    before: Period
    total: Numbers
    total_before: Numbers
    owners: Sequence[OfOwner]
    failures: Sequence[Failures]
    chart: Chart


def last_days(
    number: int, *, today: date, creator_id: int | None, channel: NotificationChannel | None
) -> Period:
    """So many whole days: today's are not over, and could be compared with nothing."""
    return Period(today - timedelta(days=number), today, creator_id, channel)


def read(period: Period) -> Statistics:
    """By four statements, of daily counts alone."""
    length = period.after - period.first
    before = replace(period, first=period.first - length, after=period.first)
    rows, rows_before = counts.by_status(period), counts.by_status(before)
    durations = counts.durations(period)
    chart = days.bars(counts.by_day(period), first=period.first, after=period.after)
    return Statistics(
        period,
        before,
        total=_numbers(rows, durations),
        total_before=_numbers(rows_before, ()),
        owners=_owners(rows, durations),
        failures=_failures(rows, rows_before),
        chart=Chart(chart),
    )


def _numbers(rows: Sequence[OfStatus], durations: Iterable[Durations]) -> Numbers:
    segments = sum(row.segments for row in rows)
    price: float = settings.SMS_PART_PRICE
    histograms = list(durations)
    return Numbers(
        outcomes.of(rows),
        segments,
        segments * price if price else None,
        _times([one.to_gateway for one in histograms]),
        _times([one.to_delivery for one in histograms]),
    )


def _times(histograms: Sequence[Sequence[int]]) -> tuple[Within | None, Within | None]:
    total = [sum(numbers) for numbers in zip(*histograms, strict=True)]
    return within(total, MEDIAN), within(total, NEARLY_ALL)


def _owners(rows: Sequence[OfStatus], durations: Sequence[Durations]) -> list[OfOwner]:
    of_owner: dict[tuple[str, int, str], list[OfStatus]] = defaultdict(list)
    for row in rows:
        of_owner[row.creator, row.creator_id, row.channel].append(row)
    times = {(one.creator_id, one.channel): one for one in durations}
    found = [
        OfOwner(
            creator,
            creator_id,
            NotificationChannel(channel),
            _numbers(mine, [times[creator_id, channel]] if (creator_id, channel) in times else ()),
            _failed(mine),
        )
        for (creator, creator_id, channel), mine in of_owner.items()
    ]
    return sorted(found, key=lambda one: (-one.numbers.outcomes.notifications, one.creator))


def _failures(rows: Sequence[OfStatus], rows_before: Sequence[OfStatus]) -> list[Failures]:
    now, before = _failed(rows), _failed(rows_before)
    return [
        Failures(NotificationStatus(status), now[status], before[status])
        for status, _ in (now + before).most_common()
    ]


def _failed(rows: Sequence[OfStatus]) -> Counter[str]:
    failed: Counter[str] = Counter()
    for row in rows:
        of_row = outcomes.of([row])
        if of_row.failed or of_row.never_sent:
            failed[row.status] += of_row.failed + of_row.never_sent
    return failed
