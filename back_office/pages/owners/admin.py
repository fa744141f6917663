"""Service owners and their settings, with the history of who changed them and why."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from back_office.actions.orders.hold import Hold
from back_office.actions.orders.release import Release
from back_office.actions.orders.stop import Stop
from back_office.actions.pages import ActionsMixin
from back_office.actions.senders.ask_sender import AskForSender
from back_office.audit import about, history
from back_office.audit.fields import ReasonField
from back_office.audit.history import Change
from back_office.audit.log import Actor, Why
from back_office.audit.staff import staff_of
from back_office.lists.read_only import DeskAdmin
from back_office.pages.owners import senders
from back_office.story import explanations
from back_office.story.explanations import Explanation
from back_office.wording import local_time
from back_office.wording.counts import number
from notifications.control import stop
from orders.models import Creator, Order, Sender
from orders.senders.allowed import form_of
from orders.senders.sms_senders import MAX_CHARACTERS, MAX_DIGITS, is_shown_as_written
from recipients import allowed
from recipients.mailboxes import is_mailbox
from runtime import clock


class CreatorForm(forms.ModelForm[Creator]):
    """Refuses senders that a gateway would alter or refuse."""

    reason = ReasonField(
        label=_("Reason for the change"),
        help_text=_("Kept in the history. Name the case, not persons."),
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
    )

    class Meta:
        model = Creator
        fields = (
            "is_active",
            "contact",
            "default_sms_sender",
            "default_email_sender",
            "requests_per_minute",
            "recipients_per_minute",
            "is_in_test_mode",
            "test_mode_allows",
        )
        widgets = {
            "test_mode_allows": UnfoldAdminTextareaWidget({"rows": 3}),
            "contact": UnfoldAdminTextareaWidget({"rows": 3}),
            "default_sms_sender": UnfoldAdminTextInputWidget(),
            "default_email_sender": UnfoldAdminTextInputWidget(),
        }

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Each field comes back with what it was when the page was shown: what a colleague has
        changed since is left alone, unless it is changed here, too."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type] # Django passes them on
        for name, field in self.fields.items():
            comes_back = not self.is_bound or self.add_initial_prefix(name) in self.data
            field.show_hidden_initial = comes_back and name != "reason"

    def clean_default_sms_sender(self) -> str:
        sender: str = self.cleaned_data["default_sms_sender"].strip()
        if sender and not is_shown_as_written(sender):
            raise forms.ValidationError(
                _(
                    "At most %(characters)s letters (a to z), digits and spaces, or a number of at"
                    " most %(digits)s digits."
                ),
                params={"characters": MAX_CHARACTERS, "digits": MAX_DIGITS},
            )
        return self._not_revoked(Sender.Kind.SMS, sender)

    def clean_test_mode_allows(self) -> str:
        """As addresses of notifications are compared."""
        try:
            found = allowed.entries(self.cleaned_data["test_mode_allows"])
        except allowed.NotAnEntry as error:
            raise forms.ValidationError(
                _("%(text)s is no number with country code, no e-mail address and no @domain."),
                params={"text": str(error)},
            ) from None
        return "\n".join(dict.fromkeys(found))

    def clean_default_email_sender(self) -> str:
        sender: str = self.cleaned_data["default_email_sender"].strip()
        if sender and not is_mailbox(sender):
            raise forms.ValidationError(_("This is no e-mail address."))
        return self._not_revoked(Sender.Kind.EMAIL, sender)

    def _not_revoked(self, kind: Sender.Kind, sender: str) -> str:
        """Orders that name none would be from it all the same."""
        revoked = Sender.objects.filter(creator=self.instance, state=Sender.State.REVOKED)
        if sender and revoked.filter(kind=kind, address=form_of(kind, sender)).exists():
            raise forms.ValidationError(_("This sender was revoked."))
        return sender


@admin.register(Creator)
class CreatorAdmin(ActionsMixin[Creator], DeskAdmin[Creator]):
    """What staff change here, orders follow within seconds."""

    staff_actions = (
        AskForSender(),
        Hold(of_creator=True),
        Release(of_creator=True),
        Stop(of_creator=True),
    )
    change_form_outer_before_template = "admin/actions/above.html"
    form = CreatorForm
    list_display = (
        "short_name",
        "is_active",
        "is_in_test_mode",
        "new_orders_held_at",
        "contact",
        "created",
    )
    list_filter = ("is_active", "is_in_test_mode")
    search_fields = ("short_name",)
    readonly_fields = ("short_name", "created")
    show_full_result_count = False
    warn_unsaved_form = True
    change_form_outer_after_template = "admin/creators/changes.html"
    fieldsets = (
        (None, {"fields": ("short_name", "created", "is_active", "contact")}),
        (_("Default senders"), {"fields": ("default_sms_sender", "default_email_sender")}),
        (_("Test mode"), {"fields": ("is_in_test_mode", "test_mode_allows")}),
        (_("Limits"), {"fields": ("requests_per_minute", "recipients_per_minute")}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Creator | None = None) -> Any:
        """Who may change nothing is asked for no reason."""
        asked = (_("This change"), {"fields": ("reason",)})
        if self.has_change_permission(request, obj):
            return (*self.fieldsets, asked)
        return self.fieldsets

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Creator | None = None) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: Creator, form: CreatorForm, change: bool
    ) -> None:
        with history.attributed_to(Actor.of(staff_of(request)), Why(form.cleaned_data["reason"])):
            obj.save(update_fields=[name for name in form.changed_data if name != "reason"])

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """The page itself tells it."""
        page = reverse("admin:orders_creator_change", args=[object_id])
        return HttpResponseRedirect(page + "#history")

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        creator = self.get_object(request, object_id) if object_id else None
        may_see = staff_of(request).has_perm("orders.view_sender")
        context = {
            "senders": senders.table_of(creator) if creator and may_see else None,
            "changes": table_of(history.changes_of(creator)) if creator else None,
            "explanation": _of_hold(creator, now=clock.now()) if creator else None,
        }
        return super().changeform_view(
            request, object_id, form_url, context | (extra_context or {})
        )


def _of_hold(creator: Creator, *, now: datetime) -> Explanation | None:
    """Whether its new orders are held, how much of it is, and by whom and why, where the latest
    hold was of all."""
    held = Order.objects.releasable().filter(creator=creator)
    told = held.aggregate(count=Count("id"), last=Max("held_at"))
    since = creator.new_orders_held_at or told["last"]
    if since is None:
        return None
    sentences = []
    if creator.new_orders_held_at:
        sentences.append(gettext("New orders are held."))
    if told["count"]:
        what = ngettext("%(count)s order is held.", "%(count)s orders are held.", told["count"])
        sentences.append(what % {"count": number(told["count"])})
        sentences.append(_how_much(list(held.values_list("pk", flat=True)[: stop.MAX_ORDERS])))
    why = explanations.of_hold(about.hold_of(creator, held_at=since), since, now=now)
    return Explanation(" ".join(sentences), why)


def _how_much(order_ids: list[UUID]) -> str:
    """How many notifications of the held orders wait, and how many had left; nothing of more orders
    than are counted."""
    if len(order_ids) == stop.MAX_ORDERS:
        return ""
    tally = stop.tally(order_ids)
    return gettext("Of their notifications %(waiting)s wait; %(left)s had left.") % {
        "waiting": number(tally.waiting + tally.not_expanded),
        "left": number(tally.left + tally.in_hand),
    }


def table_of(changes: Sequence[Change]) -> dict[str, object]:
    """The changes in words, for unfold's table."""
    return {
        "headers": [_("When"), _("Who"), _("What"), _("Reason")],
        "rows": [
            [
                local_time.to_the_second(change.when),
                change.who or "-",
                "; ".join(
                    f"{name}: {in_words(old)} → {in_words(new)}" for name, old, new in change.fields
                )
                or gettext("first seen"),
                change.reason,
            ]
            for change in changes
        ],
    }


def in_words(value: object) -> str:
    match value:
        case None | "":
            return "-"
        case True:
            return gettext("yes")
        case False:
            return gettext("no")
    return str(value)
