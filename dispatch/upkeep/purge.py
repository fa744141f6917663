"""Removes personal data that has outlived its period; counts, statuses, ids and instants stay.

Of an order that ended long ago go its texts and condition endpoint; of its recipients, messages,
delivery reports, attempts and feed entries go addresses, identifiers, texts, gateway references,
and reasons, which may quote a gateway's words. The sender's own reference stays: the order is
found by it. A dead delivery report, which belongs to no order, is deleted.

Where an order is about a dialog, its notifications keep their addresses for longer, since the
dialog's log tells them; then the chain forgets its dialog, too.

Whatever belongs to an order goes first, in pieces, and the order's texts and `purged_at` go last:
a purge that was interrupted anywhere finds the order again and goes on. Each piece locks its
orders and sees that they are ended still, so one that is being re-sent keeps what it needs.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Self

from django.conf import settings
from django.db import transaction

from dispatch.upkeep import purge_statements as statements
from runtime.database import sql
from runtime.local_time import LOCAL_TIME

# Pieces: how many orders are taken together, and how many of their rows.
ORDERS = 500
ROWS = 2_000
# The job works in these hours of the Norwegian night only.
NIGHT = range(2, 5)


class _Row(NamedTuple):
    """A recipient or message of an order; keys are whatever PostgreSQL compares."""

    order: object
    key: object


@dataclass(frozen=True, slots=True)
class Purged:
    """How many rows were emptied; dead reports were deleted."""

    orders: int = 0
    recipients: int = 0
    notifications: int = 0
    reports: int = 0
    dead_reports: int = 0
    dialogs: int = 0

    def __add__(self, other: Self) -> "Purged":
        return Purged(*map(sum, zip(astuple(self), astuple(other), strict=True)))


def period() -> timedelta | None:
    """How long personal data is kept (setting RETENTION_DAYS); None is for ever."""
    return timedelta(days=settings.RETENTION_DAYS) if settings.RETENTION_DAYS > 0 else None


def _dialogs_before(*, before: datetime, now: datetime) -> datetime | None:
    """Before when an order must have ended for its dialog's log to end (setting DIALOG_LOG_DAYS);
    None: no log ever ends. None ends before the personal data of other orders goes."""
    if settings.DIALOG_LOG_DAYS == 0:
        return None
    return min(before, now - timedelta(days=settings.DIALOG_LOG_DAYS))


def purgeable(*, before: datetime) -> Purged:
    """How many orders, and dead reports, a purge would take."""
    ((orders, dead_reports),) = sql.rows(statements.COUNT, before=before)
    return Purged(orders=orders, dead_reports=dead_reports)


def steps(*, before: datetime, now: datetime) -> Iterator[Purged]:
    """Purge what ended before the given moment, the oldest first. Each step is one transaction, and
    tells what it did; stop taking steps at any time.

    What an earlier purge has emptied is passed over and makes no step, so every step leads on.
    """
    return (step for step in _steps(before=before, now=now) if step != Purged())


def purge_at_night(*, now: datetime, seconds: float) -> int:
    """Purge for some seconds if it is night; returns how many orders and dead reports are done."""
    kept_for = period()
    if kept_for is None or now.astimezone(LOCAL_TIME).hour not in NIGHT:
        return 0
    until = time.monotonic() + seconds
    done = Purged()
    for step in steps(before=now - kept_for, now=now):
        done += step
        if time.monotonic() > until:
            break
    return done.orders + done.dead_reports + done.dialogs


def _steps(*, before: datetime, now: datetime) -> Iterator[Purged]:
    dialogs_before = _dialogs_before(before=before, now=now)
    while orders := [
        row[0] for row in sql.rows(statements.NEXT_ORDERS, before=before, limit=ORDERS)
    ]:
        told = [
            row[0]
            for row in sql.rows(
                statements.TOLD_BY_A_LOG, orders=orders, dialogs_before=dialogs_before
            )
        ]
        for page in _pages(statements.NOTIFICATIONS, orders):
            yield _empty_notifications(page, told=told, before=before)
        for page in _pages(statements.RECIPIENTS, orders):
            yield _empty_recipients(page, before=before)
        yield _finish(orders, before=before, now=now)
    if dialogs_before is not None:
        yield from _dialogs(before=dialogs_before)
    while deleted := sql.change(statements.DELETE_DEAD_REPORTS, before=before, limit=ROWS):
        yield Purged(dead_reports=deleted)


def _dialogs(*, before: datetime) -> Iterator[Purged]:
    """Of the chains that are old enough those whose orders all are; they have been purged else."""
    last: tuple[object, object] = (None, None)
    while chains := sql.rows(
        statements.NEXT_DIALOGS, before=before, after=last[0], after_created=last[1], limit=ORDERS
    ):
        last = (chains[-1][0], chains[-1][1])
        ended = [
            row[0]
            for row in sql.rows(
                statements.ENDED_DIALOGS, chains=[c[0] for c in chains], before=before
            )
        ]
        orders = [row[0] for row in sql.rows(statements.ORDERS_OF_CHAINS, chains=ended)]
        for page in _pages(statements.NOTIFICATIONS, orders):
            yield _empty_addresses([row.key for row in page])
        yield Purged(dialogs=sql.change(statements.EMPTY_DIALOGS, chains=ended))


def _empty_addresses(ids: list[object]) -> Purged:
    with transaction.atomic():
        sql.rows(statements.LOCK_NOTIFICATIONS, ids=ids)
        return Purged(notifications=sql.change(statements.EMPTY_ADDRESSES, ids=ids))


def _empty_notifications(page: list[_Row], *, told: list[object], before: datetime) -> Purged:
    """Messages are locked before their orders (decision 26). Of those `told` by a log the addresses
    stay."""
    with transaction.atomic():
        sql.rows(statements.LOCK_NOTIFICATIONS, ids=[row.key for row in page])
        ids = _of_ended(page, before=before)
        notifications = sql.change(statements.EMPTY_NOTIFICATIONS, ids=ids, told=told)
        reports = sql.change(statements.EMPTY_REPORTS, ids=ids)
        sql.change(statements.EMPTY_ATTEMPTS, ids=ids)
    return Purged(notifications=notifications, reports=reports)


def _empty_recipients(page: list[_Row], *, before: datetime) -> Purged:
    with transaction.atomic():
        ids = _of_ended(page, before=before)
        return Purged(recipients=sql.change(statements.EMPTY_RECIPIENTS, ids=ids))


def _finish(orders: list[object], *, before: datetime, now: datetime) -> Purged:
    with transaction.atomic():
        ended = list(_ended(orders, before=before))
        sql.change(statements.EMPTY_FEED, orders=ended)
        sql.change(statements.EMPTY_ATTACHMENTS, orders=ended)
        return Purged(orders=sql.change(statements.EMPTY_ORDERS, orders=ended, now=now))


def _of_ended(page: list[_Row], *, before: datetime) -> list[object]:
    ended = _ended({row.order for row in page}, before=before)
    return [row.key for row in page if row.order in ended]


def _ended(orders: Iterable[object], *, before: datetime) -> set[object]:
    """Those of the orders that may still be purged, locked until the transaction ends."""
    return {row[0] for row in sql.rows(statements.LOCK_ENDED, orders=list(orders), before=before)}


def _pages(statement: str, orders: list[object]) -> Iterator[list[_Row]]:
    """The rows of the orders, piece by piece; each begins where the one before ended."""
    after = _Row(None, None)
    while page := [
        _Row(*row)
        for row in sql.rows(
            statement, orders=orders, after_order=after.order, after=after.key, limit=ROWS
        )
    ]:
        yield page
        after = page[-1]
