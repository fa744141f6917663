"""Statements of our own: run with their values by name, on the connection of this thread."""

from typing import Any

from django.db import connection
from psycopg.rows import TupleRow


def rows(statement: str, **values: Any) -> list[TupleRow]:
    """All rows of the answer."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found: list[TupleRow] = cursor.fetchall()
    return found


def change(statement: str, **values: Any) -> int:
    """How many rows it inserted, updated or deleted."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        count: int = cursor.rowcount
    return count
