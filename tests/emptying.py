"""Empties the database after a test that commits: the tables that hold more than they did at first,
and no others."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pgtrigger
import pytest
from django.db import connection, transaction
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import TransactionTestCase
from psycopg import sql

MANY = 1_000
"""Rows, from which on a table is rather given a new file."""
_COUNT = sql.SQL("SELECT {}, count(*) FROM {}")
_DIGEST = sql.SQL("SELECT {}, md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM {} AS t")


class Beginning:
    """What the database held when it was made: the few rows that migrations put there."""

    def __init__(self) -> None:
        found = connection.introspection.django_table_names(only_existing=True, include_views=False)
        self._tables = sorted(found)
        counts = _of_each(_COUNT, self._tables)
        self._filled = [table for table in self._tables if counts[table]]
        self._empty = [table for table in self._tables if not counts[table]]
        self._contents = _of_each(_DIGEST, self._filled)

    def is_restored(self) -> bool:
        """After waiting for whoever still reads or writes. False: more than some rows are to go, or
        others are to come back."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(
                    sql.SQL(", ").join(map(sql.Identifier, self._tables))
                )
            )
            counts = _of_each(_COUNT, self._empty)
            if max(counts.values()) > MANY or _of_each(_DIGEST, self._filled) != self._contents:
                return False
            cursor.execute(_without_triggers())
            for table in filter(counts.get, self._empty):
                cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
        return True


@contextmanager
def after_each_test(beginning: Beginning) -> Iterator[None]:
    """Django's own way empties every table, also those that refuse to be, and then has all the rows
    put back that migrations make: it takes a second where this takes a hundredth."""
    flush = DatabaseOperations.execute_sql_flush
    tear_down = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def flushed(self: DatabaseOperations, statements: list[str]) -> None:
        flush(self, [_without_triggers(), *statements])

    def emptied(self: TransactionTestCase) -> None:
        nonlocal beginning
        if not beginning.is_restored():
            tear_down(self)
            beginning = Beginning()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(DatabaseOperations, "execute_sql_flush", flushed)
        patched.setattr(TransactionTestCase, "_fixture_teardown", emptied)
        yield


def _of_each(question: sql.SQL, tables: Iterable[str]) -> dict[str, Any]:
    asked = [question.format(sql.Literal(one), sql.Identifier(one)) for one in tables]
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(" UNION ALL ").join(asked))
        return dict(cursor.fetchall())


def _without_triggers() -> str:
    """Some tables are only ever added to."""
    triggers = ",".join(trigger.get_pgid(model) for model, trigger in pgtrigger.registered())
    return f"SELECT set_config('pgtrigger.ignore', '{{{triggers}}}', true)"
