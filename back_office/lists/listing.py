"""What all long lists of the desk share: an order with an index, narrow filters, empty states."""

from collections.abc import Sequence
from typing import Any

from django.contrib.admin import ShowFacets
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from back_office.lists.filters import PeriodFilter
from back_office.lists.paging import Keyset, KeysetChangeList
from back_office.read_only import ReadOnlyAdmin


class Listing(ReadOnlyAdmin):
    """A list that opens, filters and turns its pages at once, however many rows there are."""

    change_list_template = "admin/listing.html"
    show_facets = ShowFacets.NEVER
    sortable_by = ()
    list_per_page = 100
    list_defer: tuple[str, ...] = ()
    """Large columns that no cell shows."""
    list_explanation: Any = ""
    list_nothing: Any = _("Nothing fits.")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return KeysetChangeList

    def keyset(self, request: HttpRequest) -> Keyset:
        """In which order the list comes, for which there must be an index."""
        return Keyset()

    def complete(self, rows: Sequence[Any]) -> None:
        """Give all rows of a page what their cells need from other tables, in one query each."""

    def nothing(self, request: HttpRequest) -> Any:
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
            else:
                found.add(one.parameter_name)
                if issubclass(one, PeriodFilter):
                    found |= {f"{one.parameter_name}_{side}" for side in ("from", "to")}
        return found

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        context = {"explanation": self.list_explanation, "nothing": self.nothing(request)}
        return super().changelist_view(request, context | (extra_context or {}))
