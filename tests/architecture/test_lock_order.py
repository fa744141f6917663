"""Whoever locks several rows locks notifications before orders, and each in the order of their ids;
or skips what is locked, and waits for nobody (decision 26)."""

import ast
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from dispatch.sending import claims
from dispatch.upkeep import purge, sweep
from notifications.control import hold, stop
from notifications.models import Notification, NotificationChannel, NotificationStatus
from notifications.resend.eligibility import Terms
from notifications.resend.resend import resend_in_batches
from notifications.results import record
from notifications.results.record import Result
from orders.models import Creator
from tests.architecture.test_tree import APPS, ROOT, modules
from tests.building import NOON, processed_order

_LOCK = re.compile(r"FOR (?:NO KEY )?UPDATE\b")
_ORDERED = re.compile(r"ORDER BY (?:\w+\.)?id\s+$")
_SKIPPING = re.compile(r"\s*(?:OF \w+\s+)?SKIP LOCKED")
_ORM = re.compile(r'order_by\("pk"\)|skip_locked=True|\.get\(pk=')

NOTIFICATIONS, ORDERS = "notifications_notification", "orders_order"


def unordered(source: str) -> Iterator[str]:
    """The places in a module that wait for locks in any order."""
    for lock in _LOCK.finditer(source):
        before, after = source[: lock.start()], source[lock.end() :]
        if not _ORDERED.search(before) and not _SKIPPING.match(after):
            yield source[max(0, lock.start() - 100) : lock.end()]
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, ast.FunctionDef):
            text = ast.get_source_segment(source, function) or ""
            if "select_for_update(" in text and not _ORM.search(text):
                yield text


@pytest.mark.parametrize("app", APPS)
def test_whoever_waits_for_locks_takes_them_in_the_order_of_ids(app: str) -> None:
    found = {
        str(path): where
        for path in modules()
        if path.parts[0] == app and (where := list(unordered((ROOT / path).read_text())))
    }
    assert found == {}


@pytest.mark.parametrize(
    "source",
    [
        "X = 'SELECT id FROM orders_order FOR UPDATE'",
        "X = 'SELECT id FROM orders_order ORDER BY status_at FOR NO KEY UPDATE'",
        "def f():\n    return list(rows.select_for_update())",
    ],
)
def test_who_does_not_would_be_found(source: str) -> None:
    assert len(list(unordered(source))) == 1


def locked_by(statement: str) -> list[str]:
    """The two tables in the order in which the statement locks rows of them and waits for them."""
    statement = re.sub(r"\([^()]*SKIP LOCKED\s*\)", "()", statement)
    places = [
        (lock.start(), lock[1] or lock[2])
        for lock in re.finditer(
            r"FROM (\w+)\b(?:(?!\bFROM\b).)*?FOR (?:NO KEY )?UPDATE\b(?! (?:OF \w+ )?SKIP LOCKED)"
            r"|UPDATE (\w+)\b",
            statement.replace('"', ""),
            re.DOTALL,
        )
    ]
    return [table for _, table in sorted(places) if table in (NOTIFICATIONS, ORDERS)]


class Watch:
    """Notes each transaction that goes from orders to notifications. To write what it has locked
    already waits for nobody."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self.locks = 0
        self._locked: set[str] = set()

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        for table in locked_by(sql):
            self.locks += 1
            if table == NOTIFICATIONS and self._locked == {ORDERS}:
                self.wrong.append(sql)
            self._locked.add(table)
            transaction.on_commit(self._locked.clear)
        return execute(sql, params, many, context)


@contextmanager
def watching() -> Iterator[Watch]:
    watch = Watch()
    with connection.execute_wrapper(watch):
        yield watch


@pytest.mark.django_db(transaction=True)
def test_notifications_are_locked_before_their_orders(ttd: Creator) -> None:
    placed = processed_order(
        ttd, NotificationStatus.FAILED, NotificationStatus.NEW, NotificationStatus.NEW
    )
    with watching() as watch:
        hold.hold([placed.pk], now=NOON)
        hold.release([placed.pk], now=NOON)
        claims.claim(NotificationChannel.SMS, limit=1, now=NOON)
        sweep.sweep(now=NOON + timedelta(minutes=3))
        failed = Notification.objects.filter(status=NotificationStatus.FAILED).values_list(
            "pk", flat=True
        )
        list(resend_in_batches(list(failed), terms=Terms(), now=NOON))
        stop.stop([placed.pk], reason="Wrong.", now=NOON)
        rest = Notification.objects.filter(finished_at=None).values_list("pk", flat=True)
        record.record(
            [Result(pk, NotificationStatus.DELIVERED, finished=True) for pk in rest], now=NOON
        )
        later = NOON + timedelta(days=2)
        assert sum(step.orders for step in purge.steps(before=later, now=later)) == 1
    assert watch.locks > 8
    assert watch.wrong == []


def test_a_transaction_that_goes_back_would_be_found() -> None:
    statement = """
    WITH held AS (SELECT id FROM orders_order ORDER BY id FOR NO KEY UPDATE)
    UPDATE notifications_notification n SET is_held = true FROM held
    """
    assert locked_by(statement) == [ORDERS, NOTIFICATIONS]
