"""Turns the pages of long lists at a cost that depends neither on the list nor on the page."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from typing import Any, Generic, Protocol, TypeVar, cast
from urllib.parse import urlencode

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import ValidationError
from django.db import Error, connection, transaction
from django.db.models import Field, Model, Q, QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest
from django.utils.functional import Promise

from back_office.lists.filters import Shortcut
from back_office.privacy import personal_data
from back_office.unfold_types import ChangeList
from runtime.database.away import was_cancelled

Row = TypeVar("Row", bound=Model)
BEFORE, AFTER = "before", "after"
QUERY_TIMEOUT = timedelta(seconds=5)
"""How long one statement of a list may take before staff are asked to narrow it down."""


class QueryTimedOut(Exception):
    """The database would have had to look at too many rows."""


@contextmanager
def statement_timeout(limit: timedelta) -> Iterator[None]:
    """No statement inside takes longer than `limit`. Raises `QueryTimedOut`."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                milliseconds = f"{limit / timedelta(milliseconds=1):.0f}"
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [milliseconds])
            yield
    except Error as error:
        if was_cancelled(error):
            raise QueryTimedOut from error
        raise


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    rows: list[Row]
    has_newer: bool
    has_older: bool


@dataclass(frozen=True, slots=True)
class Keyset:
    """The columns that put a list in order, newest first; together they are unique, and an index
    holds them."""

    columns: tuple[str, ...] = ("id",)

    @property
    def newest_first(self) -> list[str]:
        return [f"-{column}" for column in self.columns]

    def place_of(self, row: Model) -> str:
        """Where the row stands in the order, as text for an address."""
        values = (getattr(row, column) for column in self.columns)
        return "~".join(
            value.isoformat() if isinstance(value, datetime) else str(value) for value in values
        )

    def beyond(self, place: str, model: type[Model], *, older: bool) -> Q:
        """The rows on one side of a place. Raises `IncorrectLookupParameters`."""
        texts = place.split("~")
        if len(texts) != len(self.columns):
            raise IncorrectLookupParameters(f"{place} is no place in this list.")
        try:
            values = [
                cast("Field[object, object]", model._meta.get_field(column)).to_python(text)
                for column, text in zip(self.columns, texts, strict=True)
            ]
        except ValidationError as error:
            raise IncorrectLookupParameters(str(error)) from error
        sign = "lt" if older else "gt"
        pairs = list(zip(self.columns, values, strict=True))
        steps = [
            Q(**dict(pairs[:number]), **{f"{column}__{sign}": value})
            for number, (column, value) in enumerate(pairs)
        ]
        # What the first column says alone is what the index can use.
        return Q(**{f"{self.columns[0]}__{sign}e": values[0]}) & reduce(Q.__or__, steps)

    def page(
        self, rows: QuerySet[Row], *, before: str = "", after: str = "", size: int
    ) -> Page[Row]:
        """The page before or after a place, or the newest one; always the newest row first."""
        ordered = rows.order_by(*self.newest_first)
        if after:
            newer = ordered.filter(self.beyond(after, rows.model, older=False)).reverse()
            found = list(newer[: size + 1])
            return Page(found[:size][::-1], has_newer=len(found) > size, has_older=True)
        if before:
            ordered = ordered.filter(self.beyond(before, rows.model, older=True))
        found = list(ordered[: size + 1])
        return Page(found[:size], has_newer=bool(before), has_older=len(found) > size)


class Turning:
    """Stands where unfold looks for a paginator; there is nothing to count."""

    template_name = "admin/newer_and_older.html"


class KeysetAdmin(Protocol[Row]):
    """What its list asks of an admin."""

    list_defer: tuple[str, ...]

    def keyset(self, request: HttpRequest) -> Keyset: ...

    def complete(self, rows: list[Row]) -> None: ...


class KeysetChangeList(ChangeList):
    """A list that is neither counted nor sorted by hand; its admin names the order (`keyset`)."""

    took_too_long = False

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        # The place is nobody else's: a changed filter starts at the newest row again.
        asked = request.GET
        self.before, self.after = asked.get(BEFORE, ""), asked.get(AFTER, "")
        kept = asked.copy()
        for name in (BEFORE, AFTER):
            kept.pop(name, None)
        request.GET = kept  # type: ignore[assignment]
        super().__init__(request, *args, **kwargs)
        if asked:
            self.preserved_filters = urlencode({"_changelist_filters": asked.urlencode()})

    def get_ordering(
        self, request: HttpRequest, queryset: QuerySet[Model]
    ) -> list[str | Combinable]:
        return [*self._keyset_admin.keyset(request).newest_first]

    @property
    def _keyset_admin(self) -> KeysetAdmin[Model]:
        return cast(KeysetAdmin[Model], self.model_admin)

    def get_results(self, request: HttpRequest) -> None:
        self.keyset: Keyset = self._keyset_admin.keyset(request)
        rows = self.queryset.defer(*self._keyset_admin.list_defer)
        try:
            with statement_timeout(QUERY_TIMEOUT):
                page = self.keyset.page(
                    rows, before=self.before, after=self.after, size=self.list_per_page
                )
                self._keyset_admin.complete(personal_data.masked(page.rows))
        except QueryTimedOut:
            self.took_too_long = True
            page = Page([], has_newer=False, has_older=False)
        self.page = page
        self.result_list = page.rows
        self.result_count = len(page.rows)
        # Else unfold heads the page with the number of rows as if it were that of all.
        self.full_result_count = self.result_count
        self.show_full_result_count = False
        self.show_admin_actions = bool(page.rows)
        self.can_show_all = self.multi_page = False
        self.paginator = Turning()

    @property
    def newer(self) -> str:
        """The query string of the next newer page; empty if there is none."""
        if not (self.page.has_newer and self.page.rows):
            return ""
        return self._at(AFTER, self.keyset.place_of(self.page.rows[0]))

    @property
    def older(self) -> str:
        if not (self.page.has_older and self.page.rows):
            return ""
        return self._at(BEFORE, self.keyset.place_of(self.page.rows[-1]))

    @property
    def newest(self) -> str:
        """The query string of the first page; empty on it."""
        return self._at(None, "") if self.before or self.after else ""

    @property
    def shortcuts(self) -> list[tuple[str, list[tuple[str | Promise, str, bool]]]]:
        """For the filters that staff use most, a link to each choice: its name, where it leads,
        and whether it is the one chosen."""
        return [
            (
                spec.title,
                [
                    (name, self._choosing(spec, value), value == spec.chosen())
                    for value, name in spec.shortcuts()
                ],
            )
            for spec in cast(list[Shortcut], self.filter_specs)
            if getattr(spec, "shortcuts", None)
        ]

    def _choosing(self, spec: Shortcut, value: str) -> str:
        name = spec.parameter_name
        others: dict[str, str | None] = dict.fromkeys(map(str, spec.expected_parameters()))
        return self.get_query_string({**others, name: value or None})

    def _at(self, side: str | None, place: str) -> str:
        return self.get_query_string({side: place} if side else {})
