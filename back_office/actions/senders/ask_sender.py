"""Notes that a service owner wants to send from an e-mail address, or by a name on phones."""

from typing import cast

from django import forms
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from back_office.actions.action import Action, ActionRequest, Done, Preview
from back_office.actions.forms import ActionForm
from back_office.audit import log
from back_office.audit.log import Subjects
from back_office.models import StaffAction
from orders.models import Creator, Sender
from orders.senders import sender_decisions
from orders.senders.allowed import form_of
from orders.senders.sms_senders import MAX_CHARACTERS, MAX_DIGITS, is_shown_as_written
from recipients.email_addresses import is_usable


class AskForm(ActionForm):
    """What has an @ is an e-mail address."""

    sender = forms.CharField(
        label=gettext_lazy("Sender"),
        max_length=320,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
        help_text=gettext_lazy(
            "An e-mail address, without a name before it; or what phones show: a number, or at most"
            " 11 letters (a to z), digits and spaces."
        ),
    )

    def clean_sender(self) -> str:
        written: str = self.cleaned_data["sender"].strip()
        kind = kind_of(written)
        if kind == Sender.Kind.EMAIL and not (is_usable(written) and form_of(kind, written)):
            raise forms.ValidationError(_("This is no e-mail address."))
        if kind == Sender.Kind.SMS and not is_shown_as_written(written):
            raise forms.ValidationError(
                _(
                    "At most %(characters)s letters (a to z), digits and spaces, or a number of at"
                    " most %(digits)s digits."
                ),
                params={"characters": MAX_CHARACTERS, "digits": MAX_DIGITS},
            )
        return written

    @property
    def fingerprint(self) -> str:
        """The form itself says what it will do."""
        return ""


class AskForSender(Action[Creator, int]):
    """It allows and forbids nothing yet: somebody verifies the sender, or revokes it."""

    name = "ask-sender"
    permission = "back_office.manage_senders"
    title = gettext_lazy("Register a sender")
    icon = "alternate_email"
    on_list = False

    def form_class(self, *, row: Creator | None) -> type[ActionForm]:
        return AskForm

    def preview(self, request: ActionRequest[int]) -> Preview:
        return Preview(
            _(
                "The sender is noted as asked for. Its page then shows what to check, and it is"
                " verified there."
            )
        )

    def run(self, request: ActionRequest[int]) -> Done:
        written = cast(str, request.choices["sender"])
        creator = Creator.objects.get(pk=request.ids[0])
        with transaction.atomic():
            row, is_asked = sender_decisions.ask(
                creator, kind=kind_of(written), written=written, now=request.now
            )
            if is_asked:
                log.record_about(
                    StaffAction.What.SENDER_ASKED,
                    Subjects.senders([row.pk]),
                    by=request.by,
                    why=request.why,
                    now=request.now,
                )
        sentence = _("%(sender)s is asked for.") if is_asked else _("%(sender)s is known already.")
        return Done(
            sentence % {"sender": row.address},
            {"sender": row.pk, "asked": is_asked},
            success=is_asked,
            next_url=reverse("admin:orders_sender_change", args=[row.pk]),
        )


def kind_of(written: str) -> Sender.Kind:
    return Sender.Kind.EMAIL if "@" in written else Sender.Kind.SMS
