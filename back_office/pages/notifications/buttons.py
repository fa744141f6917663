"""Deeds on messages: send them again, or send at once what waits."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from back_office.actions import resend, retry, sentences
from back_office.actions.action import Asked, Deed, Done, Outlook
from back_office.actions.address_owner import MAX_SHOWN, AddressOwner, owner_of
from back_office.actions.audit_entries import Named
from back_office.actions.forms import DeedForm, ResendForm, ResendOneForm, SendNowForm
from back_office.masking import mask_text
from notifications.models import SUCCEEDED
from notifications.resend.eligibility import Terms
from notifications.resend.resend import BATCH
from recipients.registers import RegisterUnavailable


def terms_of(asked: Asked) -> Terms:
    return Terms(**{name: value for name, value in asked.choices.items() if value})


class Resend(Deed):
    name = "resend"
    permission = "back_office.resend"
    title = gettext_lazy("Send again")
    icon = "forward_to_inbox"
    most = BATCH  # the registers are asked while the page waits
    command = "manage.py resend --creator ... --since ... --reason ..."

    def form_class(self, *, single: bool) -> type[DeedForm]:
        return ResendOneForm if single else ResendForm

    def fits(self, row: Any) -> bool:
        return row.finished_at is not None or row.status in SUCCEEDED

    def chosen(self, asked: Asked) -> Sequence[UUID]:
        return list(asked.ids)

    def named(self, asked: Asked) -> Named | None:
        return None

    def look_ahead(self, asked: Asked) -> Outlook:
        try:
            found = resend.look_ahead(self.chosen(asked), terms=terms_of(asked), now=asked.now)
        except RegisterUnavailable as error:
            return Outlook(
                _("Nothing can be told now: %(why)s") % {"why": mask_text(str(error))},
                possible=False,
            )
        warnings = []
        if found.may_have_arrived:
            warnings.append(
                _("%(count)s of them may have arrived: the gateway took them, and no report came.")
                % {"count": sentences.number(found.may_have_arrived)}
            )
        facts: list[tuple[str, object]] = [
            ({"Sms": _("SMS"), "Email": _("E-mail")}[channel], sentences.number(count))
            for channel, count in sorted(found.by_channel.items())
        ]
        if (to := asked.choices.get("to_address")) and found.planned:
            owner = owner_of(to, instead_of=asked.ids[0])
            facts += _of_owner(owner)
            warnings += _against(owner)
        return Outlook(
            sentences.will_resend(found),
            facts=facts,
            refused=[(str(reason.label), count) for reason, count in found.refused.items()],
            warnings=warnings,
            possible=found.planned > 0,
            choices_help=bool(found.refused),
        )

    def do(self, asked: Asked) -> Done:
        try:
            done = resend.resend(
                self.chosen(asked),
                terms=terms_of(asked),
                named=self.named(asked),
                by=asked.by,
                why=asked.why,
                now=asked.now,
            )
        except RegisterUnavailable as error:
            return Done(
                _("Nothing was sent again: %(why)s") % {"why": mask_text(str(error))}, success=False
            )
        return Done(sentences.resent(done), success=done.made > 0)


def _of_owner(owner: AddressOwner | None) -> list[tuple[str, object]]:
    """Whose the other address is, as far as the messages so far tell."""
    if owner is None:
        return []
    return [
        (_("Instead of"), owner.old or "–"),  # noqa: RUF001
        (_("To"), owner.new),
        (_("Messages to it before"), sentences.number(owner.messages)),
        (_("This recipient was reached at it"), _("yes") if owner.is_theirs else _("no")),
    ]


def _against(owner: AddressOwner | None) -> list[str]:
    warnings = []
    if owner and owner.others:
        shown = ", ".join(owner.others[:MAX_SHOWN])
        warnings.append(
            _("Others were reached at this address (%(count)s): %(who)s")
            % {"count": len(owner.others), "who": shown}
        )
    if owner and owner.is_of_staff:
        warnings.append(_("This is the address of an account of the desk."))
    return warnings


class SendNow(Deed):
    name = "send-now"
    permission = "back_office.hurry"
    title = gettext_lazy("Send now")
    icon = "bolt"
    command = "manage.py send_now --order ... --reason ..."

    def form_class(self, *, single: bool) -> type[DeedForm]:
        return SendNowForm

    def fits(self, row: Any) -> bool:
        return bool(row.can_send_now)

    def chosen(self, asked: Asked) -> Sequence[UUID]:
        return list(asked.ids)

    def orders(self, asked: Asked) -> Sequence[UUID]:
        """Where all of some orders are meant."""
        return ()

    def look_ahead(self, asked: Asked) -> Outlook:
        ignore_window = asked.choices.get("ignore_window", False)
        found = retry.look_ahead_messages(
            self.chosen(asked), ignore_window=ignore_window, now=asked.now
        )
        warnings = [_("Daytime messages still wait for the send window.")]
        if ignore_window:
            warnings = [_("The recipients' telephones ring at once, whatever the hour.")]
        return Outlook(
            sentences.will_send(found),
            warnings=warnings if found.count else (),
            possible=found.count > 0,
            choices_help=found.others > 0,
        )

    def do(self, asked: Asked) -> Done:
        done = retry.send_now(
            self.chosen(asked),
            ignore_window=asked.choices.get("ignore_window", False),
            of_orders=self.orders(asked),
            by=asked.by,
            why=asked.why,
            now=asked.now,
        )
        return Done(sentences.sent(done), success=done.count > 0)


MESSAGE_DEEDS: tuple[Any, ...] = (Resend(), SendNow())
