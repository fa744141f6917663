"""Orders: the list, and the page that tells an order's whole story."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from back_office.actions.orders.cancel import Cancel
from back_office.actions.orders.hold import Hold
from back_office.actions.orders.process_now import ProcessNow
from back_office.actions.orders.release import Release
from back_office.actions.orders.send_now import SendOrderNow
from back_office.actions.orders.stop import Stop
from back_office.actions.pages import ActedOn, ActionsMixin
from back_office.actions.resend.resend_failed import ResendFailed
from back_office.models import StaffAction
from back_office.pages.masked import StoryAdmin
from back_office.pages.orders import page
from back_office.pages.orders.list import OrderListing
from back_office.pages.orders.page import OrderPage
from orders.models import Order


@admin.register(Order)
class OrderAdmin(ActionsMixin[Order], StoryAdmin[Order], OrderListing):
    staff_actions = (
        ResendFailed(),
        ProcessNow(),
        SendOrderNow(),
        Hold(),
        Release(),
        Cancel(),
        Stop(),
    )
    subject = StaffAction.Subject.ORDER
    related_label = _("Also the other orders of its chain, where it fits them")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        """Its page names the service owner, too."""
        return super().get_queryset(request).select_related("creator")

    def related(self, row: ActedOn) -> Sequence[Order]:
        orders = list(Order.objects.of_same_chain(row)) if isinstance(row, Order) else []
        return orders if len(orders) > 1 else ()

    def story(self, row: Order, *, unmasked: bool, now: datetime) -> OrderPage:
        return page.read(row, unmasked=unmasked, now=now)
