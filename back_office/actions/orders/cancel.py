"""Cancels orders that nobody has begun to process."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from back_office.actions.action import Action, ActionRequest, Done, Preview
from back_office.audit import log
from back_office.audit.log import Actor, Subjects, Why
from back_office.models import StaffAction
from back_office.wording.counts import and_others, number
from notifications.control.cancel import cancel_by_staff
from orders.models import Order


def preview(order_ids: Collection[UUID]) -> Preview:
    """Which would be cancelled at this moment."""
    fitting = Order.objects.cancellable().filter(pk__any_of=order_ids)
    ids = set(fitting.values_list("pk", flat=True))
    figures = _figures(order_ids, ids)
    past = _("Past being registered; a stop may still help.")
    others = len(set(order_ids) - ids)
    return Preview(
        _will_cancel(len(ids)),
        figures,
        refused=[(past, others)] if others else (),
        possible=bool(ids),
    )


def run(order_ids: Collection[UUID], *, by: Actor, why: Why, now: datetime) -> Done:
    """Cancel them however near their time; the audit entry names each."""
    with transaction.atomic():
        ids = cancel_by_staff(order_ids, now=now)
        subjects = Subjects.orders(sorted(ids))
        log.record_about(StaffAction.What.CANCELLED, subjects, by=by, why=why, now=now)
    sentence = ngettext("%(count)s order cancelled.", "%(count)s orders cancelled.", len(ids))
    return Done(
        and_others(sentence % {"count": number(len(ids))}, len(set(order_ids) - ids)),
        _figures(order_ids, ids),
        success=bool(ids),
    )


def _figures(order_ids: Collection[UUID], ids: set[UUID]) -> dict[str, object]:
    return {"cancelled": sorted(map(str, ids)), "others": len(set(order_ids) - ids)}


def _will_cancel(count: int) -> str:
    if not count:
        return _("None of the orders can be cancelled: they are past being registered.")
    return ngettext(
        "%(count)s order will be cancelled, before any notification is created."
        " This cannot be undone.",
        "%(count)s orders will be cancelled, before any notification is created."
        " This cannot be undone.",
        count,
    ) % {"count": number(count)}


class Cancel(Action[Order, UUID]):
    name = "cancel"
    permission = "back_office.cancel_order"
    title = pgettext_lazy("to an order", "Cancel")
    icon = "cancel"
    is_final = True
    command = "manage.py cancel_order --order ... --reason ..."

    def fits(self, row: Order) -> bool:
        return row.can_cancel

    def preview(self, request: ActionRequest[UUID]) -> Preview:
        return preview(request.ids)

    def run(self, request: ActionRequest[UUID]) -> Done:
        return run(request.ids, by=request.by, why=request.why, now=request.now)
