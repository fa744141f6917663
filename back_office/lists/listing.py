"""What all long lists of the desk share: an order with an index, narrow filters, empty states."""

from collections.abc import Sequence
from typing import Generic, TypeVar, cast

from django.contrib.admin import ShowFacets, SimpleListFilter
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from back_office.lists.filters import PeriodFilter
from back_office.lists.paging import Keyset, KeysetChangeList
from back_office.lists.read_only import ReadOnlyAdmin

Row = TypeVar("Row", bound=Model)
Extra = TypeVar("Extra")


class Beside(Generic[Row, Extra]):
    """What a list shows of a row beside its columns, of one type for all rows of the list; it is
    gone with the row."""

    def put(self, row: Row, extra: Extra) -> None:
        row.__dict__["_beside"] = extra

    def of(self, row: Row) -> Extra:
        return cast(Extra, row.__dict__["_beside"])


class Listing(ReadOnlyAdmin[Row]):
    """A list that opens, filters and turns its pages at once, however many rows there are."""

    change_list_template = "admin/listing.html"
    show_facets = ShowFacets.NEVER
    sortable_by = ()
    list_per_page = 100
    list_defer: tuple[str, ...] = ()
    """Large columns that no cell shows."""
    list_explanation: str | Promise = ""
    list_nothing: str | Promise = _("Nothing fits.")

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[KeysetChangeList]:
        return KeysetChangeList

    def keyset(self, request: HttpRequest) -> Keyset:
        """In which order the list comes, for which there must be an index."""
        return Keyset()

    def complete(self, rows: Sequence[Row]) -> None:
        """Give all rows of a page what their cells need from other tables, in one query each."""

    def nothing(self, request: HttpRequest) -> str | Promise:
        """What to say instead of a list without rows."""
        return self.list_nothing

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """What the filters take and nothing else: else an address could be guessed in the address
        bar letter by letter, and any column be searched without an index."""
        return lookup in self.list_parameters()

    def list_parameters(self) -> set[str]:
        """What may stand in the query string of the list."""
        found: set[str] = set()
        for one in self.list_filter:
            if isinstance(one, tuple):
                found.add(f"{one[0]}__id__exact")
            elif isinstance(one, type) and issubclass(one, SimpleListFilter):
                found.add(str(one.parameter_name))
                if issubclass(one, PeriodFilter):
                    found |= {f"{one.parameter_name}_{side}" for side in ("from", "to")}
        return found

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        context = {"explanation": self.list_explanation, "nothing": self.nothing(request)}
        return super().changelist_view(request, context | (extra_context or {}))
