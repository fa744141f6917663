"""Sends notifications once more: those that staff chose, or that failed or expired."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from back_office.actions.action import Action, ActionRequest, Done, Preview
from back_office.actions.forms import ActionForm, ResendForm, ResendOneForm
from back_office.actions.resend import replacement
from back_office.actions.resend.address_owner import MAX_SHOWN, AddressOwner, owner_of
from back_office.audit import grounds
from back_office.audit.log import Actor, LongAction, Subjects, Why
from back_office.models import StaffAction
from back_office.wording.counts import number
from back_office.wording.reasons import told
from notifications.models import SUCCEEDED, Notification
from notifications.resend import resend as resending
from notifications.resend.eligibility import Refusal, Terms
from notifications.resend.resend import BATCH
from recipients.masking import mask_text
from recipients.registers import RegisterUnavailable

Row = TypeVar("Row")
Key = TypeVar("Key")


def preview(chosen: Collection[UUID], *, terms: Terms, now: datetime) -> Preview:
    """What resending would do at this moment. Raises RegisterUnavailable."""
    plan = resending.plan(chosen, terms=terms, now=now)
    channels = Counter(one.channel for one in plan.planned)
    may_have_arrived = sum(one.may_have_arrived for one in plan.planned)
    refused = Counter(plan.refused.values())
    facts: list[tuple[str, object]] = [
        (str(channel.label), number(channels[channel])) for channel in sorted(channels)
    ]
    warnings = [_may_have_arrived(may_have_arrived)] if may_have_arrived else []
    if len(chosen) == 1 and plan.planned:
        again = replacement.of(plan.planned, now=now)
        facts += again.facts
        warnings += again.warnings
    if terms.to_address and plan.planned:
        owner = owner_of(terms.to_address, instead_of=plan.planned[0].resend_of)
        facts += _of_owner(owner)
        warnings += _against(owner)
    return Preview(
        _will_resend(len(plan.planned)),
        {
            "chosen": len(chosen),
            "planned": len(plan.planned),
            "by_channel": {channel.value: count for channel, count in channels.items()},
            "may_have_arrived": may_have_arrived,
            "refused": {refusal.value: count for refusal, count in refused.items()},
        },
        facts=facts,
        refused=_in_words(refused),
        warnings=warnings,
        possible=bool(plan.planned),
        choices_help=bool(refused),
    )


def run(
    chosen: Collection[UUID],
    *,
    terms: Terms,
    of: Subjects | None = None,
    by: Actor,
    why: Why,
    now: datetime,
    progress: Callable[[int], None] = lambda done: None,
) -> Done:
    """Make the new notifications, batch by batch; `progress` is told how many of the chosen are
    done. The registers are asked once.

    `of` is what the audit entry names where staff named an order, a service owner or a channel;
    otherwise it names each notification, before its batch is written. Raises RegisterUnavailable;
    what was made before that stays made, and to do it again resends only the others. To another
    address only for a case: raises `grounds.Unfit`; who may is for the caller to ask.
    """
    if terms.to_address:
        grounds.case_reference(why.case_reference, needed=True)
    detail = _detail(chosen, terms)
    entries = LongAction(StaffAction.What.RESENT, by=by, why=why, detail=detail, now=now)
    if of is not None:
        entries.begin(of)

    def announce(ids: Sequence[UUID]) -> None:
        if of is None and ids:
            entries.begin(Subjects.notifications(ids))

    made, refused = list[UUID](), Counter[Refusal]()
    batches = resending.resend_in_batches(chosen, terms=terms, now=now, announce=announce)
    for done, batch in enumerate(batches, start=1):
        made += batch.ids
        refused.update(batch.refused.values())
        progress(min(done * BATCH, len(chosen)))
    outcome = {"made": len(made), "refused": {key.value: count for key, count in refused.items()}}
    entries.end(outcome)
    return Done(
        _resent(len(made), refused),
        {"chosen": len(chosen), **outcome},
        refused=_in_words(refused),
        success=bool(made),
        next_url=_page_of(made[0]) if len(chosen) == len(made) == 1 else "",
    )


def _page_of(notification_id: UUID) -> str:
    return reverse("admin:notifications_notification_change", args=[notification_id])


def _detail(chosen: Collection[UUID], terms: Terms) -> dict[str, object]:
    """The choices, and where it went and where it goes instead, masked."""
    detail: dict[str, object] = {
        "chosen": len(chosen),
        "to_other_address": bool(terms.to_address),
        "force": terms.force,
        "override_reservation": terms.override_reservation,
    }
    if terms.to_address and len(chosen) == 1:
        owner = owner_of(terms.to_address, instead_of=next(iter(chosen)))
        detail |= {"from": owner.old, "to": owner.new} if owner else {}
    return detail


def _will_resend(planned: int) -> str:
    if not planned:
        return _("None of the notifications can be sent again.")
    return ngettext(
        "%(count)s new notification will be created, linked to the old one.",
        "%(count)s new notifications will be created, each linked to the old one.",
        planned,
    ) % {"count": number(planned)}


def _may_have_arrived(count: int) -> str:
    return _("%(count)s of them may have arrived: the gateway took them, and no report came.") % {
        "count": number(count)
    }


def _resent(made: int, refused: Mapping[Refusal, int]) -> str:
    sentence = ngettext(
        "%(count)s notification is sent again.", "%(count)s notifications are sent again.", made
    )
    sentence %= {"count": number(made)}
    if not refused:
        return sentence
    why = "; ".join(f"{number(count)}: {label}" for label, count in _in_words(refused))
    return sentence + " " + _("Left alone: %(why)s") % {"why": why}


def _in_words(refused: Mapping[Refusal, int]) -> list[tuple[str, int]]:
    return [(str(refusal.label), count) for refusal, count in refused.items()]


def _of_owner(owner: AddressOwner | None) -> list[tuple[str, object]]:
    """Whose the other address is, as far as the notifications so far tell."""
    if owner is None:
        return []
    return [
        (_("Notifications to it before"), number(owner.notifications)),
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


class ResendAction(Action[Row, Key]):
    """Resends what belongs to the rows that staff chose."""

    permission = "back_office.resend"
    icon = "forward_to_inbox"
    max_rows = BATCH  # the registers are asked while the page waits

    def form_class(self, *, row: Row | None) -> type[ActionForm]:
        return ResendForm

    def chosen(self, request: ActionRequest[Key]) -> list[UUID]:
        raise NotImplementedError

    def subjects(self, request: ActionRequest[Key]) -> Subjects | None:
        """What the audit entry names instead of each notification."""
        return None

    def preview(self, request: ActionRequest[Key]) -> Preview:
        try:
            return preview(self.chosen(request), terms=_terms(request.choices), now=request.now)
        except RegisterUnavailable as error:
            why = {"why": mask_text(told(str(error)))}
            return Preview(_("Nothing can be told now: %(why)s") % why, possible=False)

    def run(self, request: ActionRequest[Key]) -> Done:
        try:
            return run(
                self.chosen(request),
                terms=_terms(request.choices),
                of=self.subjects(request),
                by=request.by,
                why=request.why,
                now=request.now,
            )
        except RegisterUnavailable as error:
            why = {"why": mask_text(told(str(error)))}
            return Done(_("Nothing was sent again: %(why)s") % why, success=False)


def _terms(choices: Mapping[str, object]) -> Terms:
    return Terms(
        str(choices.get("to_address") or ""),
        force=bool(choices.get("force")),
        override_reservation=bool(choices.get("override_reservation")),
    )


class Resend(ResendAction[Notification, UUID]):
    name = "resend"
    title = gettext_lazy("Send again")
    command = "manage.py resend --creator ... --since ... --reason ..."

    def form_class(self, *, row: Notification | None) -> type[ActionForm]:
        return ResendOneForm if row else ResendForm

    def fits(self, row: Notification) -> bool:
        return row.finished_at is not None or row.status in SUCCEEDED

    def chosen(self, request: ActionRequest[UUID]) -> list[UUID]:
        return list(request.ids)
