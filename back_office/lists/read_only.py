"""What the pages of the desk have in common."""

from typing import Any, TypeVar

from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters

from back_office.privacy import personal_data
from back_office.unfold_types import ChangeList, ModelAdmin

MAX_FOUND = 1_000
Row = TypeVar("Row", bound=Model)


class SearchedList(ChangeList):
    """A list that is searched by POST: what is looked for may name a person, and the address of a
    page ends up in logs, histories and bookmarks.

    Links that turn pages would lose the search, so what is found stands on one page, MAX_FOUND
    rows at most; and what is chosen is what is seen.
    """

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        asked = request.GET.copy()
        asked.pop(SEARCH_VAR, None)
        request.GET = asked  # type: ignore[assignment]
        super().__init__(request, *args, **kwargs)

    def get_queryset(
        self, request: HttpRequest, exclude_parameters: list[str | None] | None = None
    ) -> QuerySet[Model]:
        form = self.search_form_class(request.POST)
        if form.is_valid() and (term := form.cleaned_data[SEARCH_VAR].strip()):
            self.query, self.page_num, self.list_per_page = term, 1, MAX_FOUND
        return super().get_queryset(request, exclude_parameters)

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if self.query and self.result_count > MAX_FOUND:
            self.multi_page = self.show_admin_actions = False
            warning = gettext("Only the first %(most)s are shown. Search for less.")
            messages.warning(request, warning % {"most": MAX_FOUND})


class DeskAdmin(ModelAdmin[Row]):
    """Any page of the desk whose list may be searched."""

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[ChangeList]:
        return SearchedList

    @method_decorator(sensitive_post_parameters())
    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, extra_context)


class MaskedChangeList(SearchedList):
    """A list whose rows show nobody's personal data."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = personal_data.masked(self.result_list)


class ReadOnlyAdmin(DeskAdmin[Row]):
    """Shows a table that only the pipeline writes, masked; cheap on tables of any size."""

    show_full_result_count = False
    list_filter_submit = True
    compressed_fields = True
    # Facets count the whole table for each filter.
    show_facets = ShowFacets.NEVER

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[ChangeList]:
        return MaskedChangeList

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Row | None:
        """The row with its personal data masked; it is never saved."""
        row = super().get_object(request, object_id, from_field)
        if row is not None and not is_unmasked(request):
            personal_data.mask(row)
        return row

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return False


def is_unmasked(request: HttpRequest) -> bool:
    """Whether this request was opened unmasked, its case noted."""
    return getattr(request, "_shows_personal_data", False)
