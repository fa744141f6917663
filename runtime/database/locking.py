"""Locks rows in the order of their ids, so that no two wait for each other (decision 26)."""

from collections.abc import Collection
from typing import Any, TypeVar
from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, Lookup, Model, QuerySet
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row", bound=Model)


@Field.register_lookup
class AnyOf(Lookup[Any]):
    """`pk__any_of=ids`: like `in`, but the ids travel as one array. PostgreSQL takes 65,535
    parameters at the most, and each has its price. Of a foreign key: `order__pk__any_of`.
    https://www.postgresql.org/docs/current/limits.html"""

    lookup_name = "any_of"

    def get_prep_lookup(self) -> list[object]:
        return list(self.rhs)

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", (*params, self.rhs)


def lock(rows: QuerySet[Row], ids: Collection[UUID] | None = None) -> list[UUID]:
    """Lock the rows, or those of them that have these ids; returns which they are, in order.

    Needs a transaction. What the rows are filtered by is looked at again once they are locked, so
    it holds until the commit.
    """
    asked_for = rows if ids is None else rows.filter(pk__any_of=ids)
    locked = asked_for.order_by("pk").select_for_update(no_key=True)
    return list(locked.values_list("pk", flat=True))
