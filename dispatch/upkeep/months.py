"""Keeps the months by which an operator has partitioned the notifications (`manage.py partition`).

The months to come are made long before they begin, for without its month a notification cannot be
stored. A month of which nothing is open any more is *sealed*: it promises so by a constraint, and
whatever looks for open notifications then leaves it out before it begins. Those that are old enough
are detached, if the operator wishes so: their tables stay, for him to archive or to drop.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, transaction
from psycopg.errors import LockNotAvailable

from dispatch.upkeep import months_statements as statements
from runtime.database import sql
from runtime.database.away import sqlstate
from runtime.uuid7 import lowest_at, made_at

AHEAD = 3
"""Months there are after the present one. Where none can be made any more, somebody has that long
to learn of it."""
SETTLED = timedelta(days=4)
"""After its end nothing of a month is made any more, and most of it has ended."""
LOCK_TIMEOUT = "1s"
"""Whoever waits for a lock on the table holds up all who come after."""
ROWS = 2_000
_BOUND = re.compile(r"(?:MINVALUE|'([0-9a-f-]{36})')\) TO \('([0-9a-f-]{36})'\)")
LOWEST = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Month:
    """A partition: the ids from `lowest` to below `end`. The first one holds all that was there
    before."""

    name: str
    lowest: UUID
    end: UUID
    is_promised: bool
    is_sealed: bool

    @property
    def ends(self) -> datetime:
        return made_at(self.end)


@dataclass(frozen=True, slots=True)
class Kept:
    """The names of what was made, sealed and detached."""

    added: Sequence[str]
    sealed: Sequence[str]
    detached: Sequence[str]


def months() -> list[Month]:
    """The oldest first; none where the notifications are not partitioned."""
    found = [_month(*row) for row in sql.rows(statements.MONTHS)]
    return sorted(found, key=lambda month: month.end)


def keep(*, now: datetime) -> Kept:
    """Whatever is due, each in a transaction of its own; what somebody's lock is in the way of is
    left for the next run."""
    present = months()
    if not present:
        return Kept((), (), ())
    return Kept(
        [*_add(present, now=now)],
        [month.name for month in present if _may_seal(month, now=now) and _seal(month)],
        [month.name for month in expired(present, now=now) if _detach(month)],
    )


def ahead(present: Sequence[Month], *, now: datetime) -> timedelta:
    """For how long there is a month for what is made."""
    return present[-1].ends - now


def expired(present: Sequence[Month], *, now: datetime) -> list[Month]:
    """Those that may be detached: sealed, old enough, without personal data, and without a
    notification that was sent once more in a later month."""
    kept = settings.DETACH_AFTER_MONTHS
    if not kept:
        return []
    before = first_of(now.date(), months=-kept)
    return [
        month
        for month in present
        if month.is_sealed and month.end <= lowest_at(before) and not _is_needed(month)
    ]


def first_of(day: date, *, months: int = 0) -> datetime:
    """The beginning of the month that is so many after the day's, in UTC."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return datetime(year, month + 1, 1, tzinfo=UTC)


def _month(name: str, bound: str, is_promised: bool, is_sealed: bool) -> Month:
    found = _BOUND.search(bound)
    if found is None:
        raise ValueError(f"{name} is no month: {bound}")
    return Month(
        name, UUID(found[1]) if found[1] else LOWEST, UUID(found[2]), is_promised, is_sealed
    )


def _add(present: Sequence[Month], *, now: datetime) -> Iterator[str]:
    last = first_of(now.date(), months=AHEAD + 1)
    first = present[-1].ends
    while first < last:
        if not _done(lambda: sql.rows(statements.ADD, first=first.date())):  # noqa: B023
            return
        yield f"{first:%Y-%m}"
        first = first_of(first.date(), months=1)


def _may_seal(month: Month, *, now: datetime) -> bool:
    if month.is_sealed or month.ends > now - SETTLED:
        return False
    ((is_open,),) = sql.rows(statements.IS_OPEN, lowest=month.lowest, end=month.end)
    return not is_open


def _seal(month: Month) -> bool:
    """The promise is made by one transaction and believed by the next, which takes as long as
    reading the month does."""
    is_promised = month.is_promised or _done(lambda: sql.rows(statements.SEAL, month=month.name))
    return is_promised and _done(lambda: sql.rows(statements.SEAL, month=month.name))


def _is_needed(month: Month) -> bool:
    ((is_needed,),) = sql.rows(statements.IS_NEEDED, lowest=month.lowest, end=month.end)
    return bool(is_needed)


def _detach(month: Month) -> bool:
    """With what refers to it. Its hours are never counted again: they would be counted as empty."""
    between = {"lowest": month.lowest, "end": month.end}
    for statement in (statements.DELETE_ATTEMPTS, statements.DELETE_REPORTS):
        while sql.change(statement, limit=ROWS, **between):
            pass

    def detach() -> None:
        sql.change(statements.FORGET_HOURS, end=month.ends)
        sql.rows(statements.DETACH, month=month.name)

    return _done(detach)


def _done(work: Callable[[], object]) -> bool:
    """Whether it got its locks in time."""
    try:
        with transaction.atomic():
            sql.change(statements.LIMIT, limit=LOCK_TIMEOUT)
            work()
    except DatabaseError as error:
        if sqlstate(error) != LockNotAvailable.sqlstate:
            raise
        return False
    return True
