"""What the pages of the desk have in common."""

from typing import Any

from django.contrib.admin import ShowFacets
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.views import ChangeList

from back_office import personal_data


class MaskedChangeList(ChangeList):  # type: ignore[misc] # unfold is not typed
    """A list whose rows show nobody's personal data."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows: QuerySet[Any] = self.result_list  # type: ignore[has-type]
        self.result_list = personal_data.masked(rows)


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[misc] # unfold is not typed
    """Shows a table that only the pipeline writes, masked; cheap on tables of any size."""

    show_full_result_count = False
    list_filter_submit = True
    compressed_fields = True
    # Facets count the whole table for each filter.
    show_facets = ShowFacets.NEVER

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return MaskedChangeList

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Model | None:
        """The row with its personal data masked; it is never saved."""
        row: Model | None = super().get_object(request, object_id, from_field)
        if row is not None and not is_unmasked(request):
            personal_data.mask(row)
        return row

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def is_unmasked(request: HttpRequest) -> bool:
    """Whether this request was opened unmasked, its case noted."""
    return getattr(request, "_shows_personal_data", False)
