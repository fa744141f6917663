"""Counts what was made in each hour, again and again until nothing of it can change.

An id tells when it was made, so an hour is a range of the primary key: counting one costs the same
however large the tables grow, and the recording of results pays nothing for it. An hour is counted
again while one of its notifications is open, ever more seldom, and at once after a late change.
Hours before the first count, of an installation older than its counts, come in their turn.
"""

from datetime import datetime, timedelta

import orjson
from django.db import transaction

from notifications.counting import statements
from notifications.counting.late_changes import hour_of
from notifications.counting.totals import Key, OrderKey, Totals
from notifications.models import HISTOGRAM_SECONDS
from runtime.database import sql
from runtime.uuid7 import lowest_at, made_at

HOUR = timedelta(hours=1)
STORED_WITHIN = HOUR
"""How long after an id was made its row may still appear: longer than any transaction lasts."""
SOONEST = timedelta(minutes=5)
"""Until an hour is counted again, at first; then half of what has gone by since its end."""


def count_next(*, now: datetime) -> int:
    """Count the latest hour that is due, in one transaction, or begin one; 0 where none is.

    1. The hour is locked: of two who count, one takes another hour.
    2. Its marks of late changes are taken away. One that is not committed yet stays, for the next
       count; what the others tell of is seen by 4.
    3. What it had added is read, which cannot change before the end.
    4. It is counted, by statements that see what was committed before they began.
    5. The difference is added to the daily counts, and the new count kept.
    """
    with transaction.atomic():
        due = [row[0] for row in sql.rows(statements.NEXT_DUE, now=now)]
        if not due:
            return _begin_next(now=now)
        (hour,) = due
        sql.change(statements.FORGET_LATE_CHANGES, hour=hour)
        ((before,),) = sql.rows(statements.BEFORE, hour=hour)
        totals = _made_in(hour)
        _add(totals, Totals.of_json(orjson.loads(before)))
        sql.change(
            statements.COUNTED,
            hour=hour,
            counts=orjson.dumps(totals.as_json()).decode(),
            last_result_at=totals.last_result_at,
            now=now,
            next=_next_count(hour, is_open=totals.is_open, now=now),
        )
    return 1


def _begin_next(*, now: datetime) -> int:
    """Begin the hour after the last one. Hours in which nothing was made are passed over, but for
    the latest, in which something may still appear."""
    ((last,),) = sql.rows(statements.LAST_BEGUN)
    recent = hour_of(now - STORED_WITHIN - HOUR)
    after = last + HOUR if last else datetime.fromtimestamp(0, tz=now.tzinfo)
    ((first,),) = sql.rows(statements.FIRST_MADE, low=lowest_at(after))
    if last is None and first is None:
        return 0
    hour = max(after, recent)
    if first is not None:
        hour = min(hour, hour_of(made_at(first)))
    if hour > now:
        return 0
    sql.change(statements.BEGIN, hour=hour, now=now)
    return 1


def _made_in(hour: datetime) -> Totals:
    totals = Totals()
    made = {"low": lowest_at(hour), "high": lowest_at(hour + HOUR)}
    for row in sql.rows(statements.NOTIFICATIONS, bounds=list(HISTOGRAM_SECONDS), **made):
        day, creator_id, channel, status, gateway, delivery, count, segments, unfinished, last = row
        totals.add(
            Key(day.isoformat(), creator_id, channel, status),
            count=count,
            segments=segments,
            unfinished=unfinished,
            to_gateway=gateway,
            to_delivery=delivery,
        )
        if last is not None:
            totals.last_result_at = max(last, totals.last_result_at or last)
    for day, creator_id, count in sql.rows(statements.ORDERS, **made):
        totals.orders[OrderKey(day.isoformat(), creator_id)] = count
    return totals


def _add(totals: Totals, before: Totals) -> None:
    notifications, orders = totals.changes_since(before)
    if notifications:
        sql.change(statements.ADD_NOTIFICATIONS, changes=orjson.dumps(notifications).decode())
    if orders:
        sql.change(statements.ADD_ORDERS, changes=orjson.dumps(orders).decode())


def _next_count(hour: datetime, *, is_open: bool, now: datetime) -> datetime | None:
    """None once all has appeared and ended."""
    since_end = now - (hour + HOUR)
    if since_end >= STORED_WITHIN and not is_open:
        return None
    return now + max(SOONEST, since_end / 2)
