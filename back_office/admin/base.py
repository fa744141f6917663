"""What the pages of the desk have in common."""

from typing import Any

from django.contrib.admin import ShowFacets
from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import ModelAdmin


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[misc] # unfold is not typed
    """Shows a table that only the pipeline writes; cheap on tables of any size."""

    show_full_result_count = False
    list_filter_submit = True
    compressed_fields = True
    # Facets count the whole table for each filter.
    show_facets = ShowFacets.NEVER

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
