"""django-unfold brings no types: its classes, typed as those of Django that they extend."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite as UnfoldAdminSite
    from django.contrib.admin import ModelAdmin
    from django.contrib.admin import RelatedFieldListFilter as AutocompleteSelectFilter
    from django.contrib.admin import SimpleListFilter as DropdownFilter
    from django.contrib.admin import SimpleListFilter as TextFilter
    from django.contrib.admin.views.main import ChangeList
else:
    from unfold.admin import ModelAdmin
    from unfold.contrib.filters.admin import AutocompleteSelectFilter, DropdownFilter, TextFilter
    from unfold.sites import UnfoldAdminSite
    from unfold.views import ChangeList

__all__ = [
    "AutocompleteSelectFilter",
    "ChangeList",
    "DropdownFilter",
    "ModelAdmin",
    "TextFilter",
    "UnfoldAdminSite",
]
