"""What staff are asked before an action: always why, and for some actions how."""

import json
from collections.abc import Mapping
from datetime import datetime

from django import forms
from django.contrib.auth.models import AbstractUser
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSplitDateTimeWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from back_office.audit import grounds, unmasking
from back_office.audit.fields import CaseReferenceField, ReasonField
from back_office.audit.log import Why
from runtime import clock


class ActionForm(forms.Form):
    """Why. `shown` comes back with the choices that the page has told the consequences of."""

    reason = ReasonField(help_text=_("Kept in the audit log with your name and the time."))
    case_reference = CaseReferenceField()
    shown = forms.CharField(required=False, widget=forms.HiddenInput)

    # What else some actions need, by the permission that allows it.
    permissions: dict[str, str] = {}

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        user: AbstractUser,
        more: Mapping[str, forms.Field] | None = None,
    ) -> None:
        super().__init__(data)
        self.fields.update(more or {})
        for name, permission in self.permissions.items():
            if not user.has_perm(permission):
                del self.fields[name]
        choices = [name for name in self.fields if name not in ActionForm.base_fields]
        self.order_fields([*choices, *ActionForm.base_fields])

    @property
    def choices(self) -> dict[str, object]:
        """What was chosen, without the reason; nothing before the form was sent."""
        cleaned = getattr(self, "cleaned_data", {})
        return {
            name: value for name, value in cleaned.items() if name not in ActionForm.base_fields
        }

    @property
    def why(self) -> Why:
        return Why(self.cleaned_data["reason"], self.cleaned_data["case_reference"])

    @property
    def fingerprint(self) -> str:
        """Stands for the choices; not chosen is the same as not asked for."""
        chosen = {name: str(value) for name, value in self.choices.items() if value}
        return json.dumps(chosen, sort_keys=True)

    @property
    def is_confirmed(self) -> bool:
        """Whether what the form asks for is what the page has shown."""
        return self.is_valid() and self.cleaned_data["shown"] == self.fingerprint


def with_related(label: str) -> forms.BooleanField:
    """Whether the rows that belong with this one are meant, too."""
    return forms.BooleanField(label=label, required=False, widget=UnfoldBooleanSwitchWidget)


class HoldAllForm(ActionForm):
    """Of all that a service owner has under way."""

    new_orders = forms.BooleanField(
        label=_("New orders, too"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("They are accepted, and wait with the others until the release."),
    )


class ResendForm(ActionForm):
    """Some choices set a protection aside; they are offered to those who may."""

    force = forms.BooleanField(
        label=_("Also what was delivered, or was resent before"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("For a recipient who says that nothing came."),
    )
    override_reservation = forms.BooleanField(
        label=_("Also to recipients who are reserved"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("Only where the law allows it in spite of the reservation."),
    )
    permissions = {
        "force": "back_office.resend_delivered",
        "override_reservation": "back_office.override_reservation",
    }


class ResendOneForm(ResendForm):
    """Who sends it to another address could read it there, and so must be allowed to read it here,
    for a case."""

    to_address = forms.CharField(
        label=_("Corrected address"),
        max_length=320,
        required=False,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
        help_text=_(
            "Left empty: where the register says now, or where it went before. Another address"
            " needs a case reference."
        ),
    )
    permissions = {**ResendForm.permissions, "to_address": unmasking.PERMISSION}

    def clean(self) -> dict[str, object]:
        cleaned: dict[str, object] = super().clean() or {}
        case = cleaned.get("case_reference")
        if cleaned.get("to_address") and isinstance(case, str):
            try:
                grounds.case_reference(case, needed=True)
            except grounds.Unfit as error:
                self.add_error("case_reference", str(error))
        return cleaned


class SendNowForm(ActionForm):
    ignore_window = forms.BooleanField(
        label=_("Also outside the send window"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("SMS that wait for 09:00 ring at once, whatever the hour."),
    )
    permissions = {"ignore_window": "back_office.send_outside_window"}


class PauseForm(ActionForm):
    until = forms.SplitDateTimeField(
        label=_("Until"),
        required=False,
        widget=UnfoldAdminSplitDateTimeWidget,
        help_text=_("Norwegian time. Left empty: until somebody resumes the channel."),
    )

    def clean_until(self) -> datetime | None:
        until: datetime | None = self.cleaned_data["until"]
        if until is not None and until <= clock.now():
            raise forms.ValidationError(_("This is in the past."))
        return until

    @property
    def fingerprint(self) -> str:
        """The form itself says what it will do."""
        return ""
