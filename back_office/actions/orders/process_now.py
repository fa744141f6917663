"""Lets orders that wait for another try be processed at once."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from back_office.actions.action import Action, ActionRequest, Done, Preview
from back_office.audit import log
from back_office.audit.log import Actor, Subjects, Why
from back_office.models import StaffAction
from back_office.wording.counts import and_others, number
from notifications.control import retry
from orders.models import Order


def preview(order_ids: Collection[UUID], *, now: datetime) -> Preview:
    """How many of them wait for another try."""
    count = Order.objects.waiting_for_retry(now=now).filter(pk__any_of=order_ids).count()
    figures = {"count": count, "others": len(set(order_ids)) - count}
    return Preview(_will_process(count), figures, possible=count > 0)


def run(order_ids: Collection[UUID], *, by: Actor, why: Why, now: datetime) -> Done:
    """The next run of the job takes them; the audit entry names each."""
    with transaction.atomic():
        ids = retry.process_now(order_ids, now=now)
        log.record_about(
            StaffAction.What.SENT_NOW,
            Subjects.orders(sorted(ids)),
            by=by,
            why=why,
            detail={"did": "process now"},
            now=now,
        )
    others = len(set(order_ids)) - len(ids)
    sentence = ngettext(
        "%(count)s order is tried now.", "%(count)s orders are tried now.", len(ids)
    )
    return Done(
        and_others(sentence % {"count": number(len(ids))}, others),
        {"count": len(ids), "others": others},
        success=bool(ids),
    )


def _will_process(count: int) -> str:
    if not count:
        return _("None of the orders waits for another try.")
    return ngettext(
        "%(count)s order waits for another try, and will be tried at once.",
        "%(count)s orders wait for another try, and will be tried at once.",
        count,
    ) % {"count": number(count)}


class ProcessNow(Action[Order, UUID]):
    name = "process-now"
    permission = "back_office.send_now"
    title = gettext_lazy("Process now")
    command = "manage.py process_orders --creator ... --reason ..."

    def fits(self, row: Order) -> bool:
        return row.can_process

    def preview(self, request: ActionRequest[UUID]) -> Preview:
        return preview(request.ids, now=request.now)

    def run(self, request: ActionRequest[UUID]) -> Done:
        return run(request.ids, by=request.by, why=request.why, now=request.now)
