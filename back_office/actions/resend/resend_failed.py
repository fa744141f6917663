"""Sends again what failed of an order."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from back_office.actions.action import ActionRequest, Done, Preview
from back_office.actions.resend.resend import ResendAction
from back_office.audit.log import Subjects
from back_office.wording.counts import number
from notifications.models import FAILED, Notification
from orders.models import Order, OrderStatus


def failed_of(order_ids: Collection[UUID], *, statuses: Collection[str] = ()) -> list[UUID]:
    """All that failed of the orders and that nobody has resent; with `statuses` whatever has one of
    them."""
    if not statuses:
        return list(_failed(order_ids).values_list("pk", flat=True))
    rows = Notification.objects.filter(order__pk__any_of=order_ids, status__in=statuses)
    return list(rows.values_list("pk", flat=True))


def _failed(order_ids: Collection[UUID]) -> QuerySet[Notification]:
    return Notification.objects.filter(FAILED, order__pk__any_of=order_ids).not_resent()


class ResendFailed(ResendAction[Order, UUID]):
    name = "resend-failed"
    title = gettext_lazy("Send again what failed")
    on_list = False  # how much failed is not known before it is looked at
    command = "manage.py resend --order ... --reason ..."

    def fits(self, row: Order) -> bool:
        may = row.status in (OrderStatus.PROCESSED, OrderStatus.COMPLETED)
        return may and _failed([row.pk]).exists()

    def chosen(self, request: ActionRequest[UUID]) -> list[UUID]:
        return failed_of(request.ids)

    def subjects(self, request: ActionRequest[UUID]) -> Subjects:
        return Subjects.orders(request.ids)

    def preview(self, request: ActionRequest[UUID]) -> Preview:
        if (count := len(self.chosen(request))) > self.max_rows:
            sentence = _(
                "%(count)s notifications of the order failed. That is more than a page can resend:"
                " use the command manage.py resend --order %(order)s --reason ..."
            )
            return Preview(
                sentence % {"count": number(count), "order": request.ids[0]}, possible=False
            )
        return super().preview(request)

    def run(self, request: ActionRequest[UUID]) -> Done:
        if len(self.chosen(request)) > self.max_rows:
            return Done(_("More has failed meanwhile than a page can resend."), success=False)
        return super().run(request)
