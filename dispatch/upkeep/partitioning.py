"""Partitions the notifications by month, while everything else goes on: `manage.py partition`.

Identifiers tell when they were made, so a month is a range of the primary key, which stays as it
is. The table that is there becomes the first partition, as it is: no row moves. It takes four
steps, of which each is whole or has not happened:

1. The table promises that no identifier lies beyond the end of its last month.
2. That is believed of what was there, by reading the table once while others write.
3. In one transaction, which waits for its lock a second at most, the table is renamed, a
   partitioned one takes its name, and it is attached. Of its indexes none is built: those that are
   there fit.
4. The months to come are made.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from dispatch.upkeep import months
from dispatch.upkeep import partitioning_statements as statements
from runtime.database import sql
from runtime.uuid7 import lowest_at, made_at

OLDEST_VERSION = 17
"""Of PostgreSQL. Those before it look for each of many ids in every month."""
TIME_TO_ACT = timedelta(days=7)
"""Between the first step and the end of the last month: the promise must not be broken meanwhile.
"""
TOO_LATE = timedelta(days=1)
TABLE = "notifications_notification"
_PROMISED = re.compile(r"'([0-9a-f-]{36})'")


class CannotPartition(Exception):
    """What is in the way; a sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Step:
    """`says` what it does; `run` does it, or raises."""

    says: str
    run: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Size:
    rows: int
    bytes: int


def size() -> Size:
    """As far as the last ANALYZE and the disk tell."""
    ((rows, size),) = sql.rows(statements.SIZE)
    return Size(rows, size)


def steps(*, now: datetime, first: datetime | None = None) -> Iterator[Step]:
    """What is still to be done, one after the other: each looks at what those before it have done.
    Stop taking steps at any time, and begin again later.

    `first` is the month that gets the first partition of its own, where it is not for this module
    to choose; nothing may have been made in it or after it.
    """
    if months.months():
        return
    _refuse()
    promised = _promised()
    if promised and promised.until < now + TOO_LATE and first is None:
        yield Step(
            "The last run left a promise that is about to end. It is taken back.", _take_back
        )
        promised = None
    if promised is None:
        until = first or _next_month(now)
        yield Step(
            f"The table promises to hold nothing that is made from {until:%B %Y} on.",
            lambda: sql.change(statements.PROMISE.format(end=lowest_at(until))),
        )
        promised = _Promise(lowest_at(until), is_valid=False)
    if not promised.is_valid:
        yield Step(
            "All its rows are looked at, once, while others read and write.",
            lambda: sql.change(statements.VALIDATE),
        )
    end = promised.end
    yield Step(
        "A partitioned table takes its name, and it becomes the first partition.",
        lambda: _take_its_place(end),
    )
    yield Step("Statistics of the whole are gathered.", lambda: sql.change(f"ANALYZE {TABLE}"))


def promised_until() -> datetime | None:
    """What a run that was cut short has left: from then on no notification can be stored. None
    where nothing is promised."""
    promised = _promised()
    return promised.until if promised else None


@dataclass(frozen=True, slots=True)
class _Promise:
    end: UUID
    is_valid: bool

    @property
    def until(self) -> datetime:
        return made_at(self.end)


def _promised() -> _Promise | None:
    for definition, is_valid in sql.rows(statements.PROMISED):
        if found := _PROMISED.search(definition):
            return _Promise(UUID(found[1]), is_valid)
    return None


def _take_back() -> None:
    sql.change(statements.TAKE_BACK)


def _next_month(now: datetime) -> datetime:
    soon = now + TIME_TO_ACT
    return months.first_of(soon.date(), months=1)


def server_version() -> int:
    ((version,),) = sql.rows("SELECT current_setting('server_version_num')::int")
    return int(version)


def _refuse() -> None:
    if server_version() < OLDEST_VERSION * 10_000:
        raise CannotPartition(f"PostgreSQL {OLDEST_VERSION} or newer is needed.")
    ((is_owner, triggers, views),) = sql.rows(statements.IN_THE_WAY)
    if not is_owner:
        raise CannotPartition(f"Only the owner of {TABLE} can: use the role that migrates.")
    if triggers:
        raise CannotPartition(f"The table has triggers, which would be lost: {triggers}.")
    if views:
        raise CannotPartition(f"Views would go on reading the old table alone: {views}.")


def _take_its_place(end: UUID) -> None:
    """In one transaction. Names of indexes and constraints are the new table's from then on, so
    that migrations find them; those of the first partition get its own ending."""
    ending = f"until_{made_at(end):%Y_%m}"
    old = f"{TABLE}_{ending}"
    with transaction.atomic():
        sql.change(statements.LOCK)
        if months.months():  # somebody else has begun as well, and was first
            return
        ((owner,),) = sql.rows(statements.OWNER)
        indexes = sql.rows(statements.INDEXES)
        grants = [row[0] for row in sql.rows(statements.GRANTS)]
        for (statement,) in sql.rows(statements.DROP_REFERENCES):
            sql.change(statement)
        sql.change(f"ALTER TABLE {TABLE} RENAME TO {old}")
        for name, _definition in indexes:
            sql.change(f"ALTER INDEX {name} RENAME TO {name}_{ending}")
        sql.change(statements.CREATE.format(old=old))
        sql.change(f"ALTER TABLE {TABLE} OWNER TO {owner}")
        for statement in [*(definition for _name, definition in indexes), *grants]:
            sql.change(statement)
        sql.change(statements.ATTACH.format(old=old, end=end))
        sql.change(f"ALTER TABLE {old} DROP CONSTRAINT notification_first_month")
        _see_that_nothing_was_built(old, [name for name, _definition in indexes])


def _see_that_nothing_was_built(old: str, names: Sequence[str]) -> None:
    """Building an index would have kept everybody out for as long as that takes."""
    ((count,),) = sql.rows(statements.INDEXES_OF, table=old)
    if count != len(names):
        raise CannotPartition("An index of the table is not as migrations make it.")
