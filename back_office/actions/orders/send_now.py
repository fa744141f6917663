"""Sends at once what waits for another try: single notifications, or all that wait of an order."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from back_office.actions.action import Action, ActionRequest, Done, Preview
from back_office.actions.forms import ActionForm, SendNowForm
from back_office.audit import log
from back_office.audit.log import Actor, Subjects, Why
from back_office.models import StaffAction
from back_office.wording.counts import and_others, number
from notifications.control import retry
from notifications.models import Notification, NotificationStatus
from orders.models import Channel, Order, OrderStatus, SendingTimePolicy

Row = TypeVar("Row", Order, Notification)


def preview(
    notification_ids: Collection[UUID], *, ignore_window: bool = False, now: datetime
) -> Preview:
    """How many of them wait for another try or, if it is to be ignored, for the send window."""
    waiting = Notification.objects.kept_waiting(ignore_window=ignore_window, now=now).filter(
        pk__any_of=notification_ids
    )
    count = waiting.count()
    knows_window = waiting.filter(policy=SendingTimePolicy.DAYTIME).exists()
    others = len(set(notification_ids)) - count
    return Preview(
        _will_send(count),
        {"count": count, "others": others},
        warnings=[_about_the_window(ignored=ignore_window)] if knows_window else (),
        possible=count > 0,
        choices_help=others > 0,
    )


def run(
    notification_ids: Collection[UUID],
    *,
    ignore_window: bool = False,
    of_orders: Collection[UUID] = (),
    by: Actor,
    why: Why,
    now: datetime,
) -> Done:
    """The next run of the job takes them. The audit entry names each or, where all of some orders
    are meant, each of the orders."""
    with transaction.atomic():
        ids = retry.send_now(notification_ids, ignore_window=ignore_window, now=now)
        subjects = Subjects.notifications(sorted(ids))
        if of_orders and ids:
            subjects = Subjects.orders(sorted(set(of_orders)))
        log.record_about(
            StaffAction.What.SENT_NOW,
            subjects,
            by=by,
            why=why,
            detail={"did": "send now", "messages": len(ids), "ignore_window": ignore_window},
            now=now,
        )
    others = len(set(notification_ids)) - len(ids)
    sentence = ngettext(
        "%(count)s notification is sent now.", "%(count)s notifications are sent now.", len(ids)
    )
    return Done(
        and_others(sentence % {"count": number(len(ids))}, others),
        {"count": len(ids), "others": others},
        success=bool(ids),
    )


def waiting_of(order_ids: Collection[UUID]) -> list[UUID]:
    """The notifications of the orders that have not left."""
    return list(_waiting(order_ids).values_list("pk", flat=True))


def _waiting(order_ids: Collection[UUID]) -> QuerySet[Notification]:
    return Notification.objects.open().filter(
        order__pk__any_of=order_ids, status=NotificationStatus.NEW
    )


def _will_send(count: int) -> str:
    if not count:
        return _("None of the notifications waits for another try.")
    return ngettext(
        "%(count)s notification waits, and will be sent at once.",
        "%(count)s notifications wait, and will be sent at once.",
        count,
    ) % {"count": number(count)}


def _about_the_window(*, ignored: bool) -> str:
    if ignored:
        return _("The recipients' telephones ring at once, whatever the hour.")
    return _("Daytime notifications still wait for the send window.")


class _SendNow(Action[Row, UUID]):
    name = "send-now"
    permission = "back_office.send_now"
    title = gettext_lazy("Send now")
    command = "manage.py send_now --order ... --reason ..."

    def form_class(self, *, row: Row | None) -> type[ActionForm]:
        """E-mail knows no send window."""
        return ActionForm if row and row.channel == Channel.EMAIL else SendNowForm

    def notifications(self, request: ActionRequest[UUID]) -> Sequence[UUID]:
        return request.ids

    def orders(self, request: ActionRequest[UUID]) -> Sequence[UUID]:
        """Where all of some orders are meant."""
        return ()

    def preview(self, request: ActionRequest[UUID]) -> Preview:
        ignore_window = bool(request.choices.get("ignore_window"))
        return preview(self.notifications(request), ignore_window=ignore_window, now=request.now)

    def run(self, request: ActionRequest[UUID]) -> Done:
        return run(
            self.notifications(request),
            ignore_window=bool(request.choices.get("ignore_window")),
            of_orders=self.orders(request),
            by=request.by,
            why=request.why,
            now=request.now,
        )


class SendNow(_SendNow[Notification]):
    def fits(self, row: Notification) -> bool:
        return row.can_send_now


class SendOrderNow(_SendNow[Order]):
    on_list = False

    def fits(self, row: Order) -> bool:
        may = row.status == OrderStatus.PROCESSED and not row.held_at
        return may and _waiting([row.pk]).exists()

    def notifications(self, request: ActionRequest[UUID]) -> Sequence[UUID]:
        return waiting_of(request.ids)

    def orders(self, request: ActionRequest[UUID]) -> Sequence[UUID]:
        return request.ids
