"""The two fields in which staff say why: the reason, and the reference of the case."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from back_office.audit import grounds


class ReasonField(forms.CharField):
    """Must be given, in words that can be seen."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Reason"))
        kwargs.setdefault("max_length", 300)
        kwargs.setdefault("widget", UnfoldAdminTextareaWidget({"rows": 2}))
        super().__init__(**kwargs)

    def clean(self, value: object) -> str:
        return _checked(grounds.reason, super().clean(value))


class CaseReferenceField(forms.CharField):
    """In the form of the installation's cases, where one is given or needed."""

    def __init__(self, *, required: bool = False, autofocus: bool = False, **kwargs: Any) -> None:
        attributes = {"autocomplete": "off"} | ({"autofocus": True} if autofocus else {})
        super().__init__(
            label=_("Case reference"),
            max_length=100,
            required=required,
            widget=UnfoldAdminTextInputWidget(attributes),
            **kwargs,
        )

    def clean(self, value: object) -> str:
        given = super().clean(value)
        return _checked(lambda text: grounds.case_reference(text, needed=self.required), given)


def _checked(rule: Callable[[str], str], given: str) -> str:
    try:
        return rule(given)
    except grounds.Unfit as error:
        raise forms.ValidationError(str(error)) from error
