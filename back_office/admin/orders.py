"""Orders: the list, and the page that tells an order's whole story."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from back_office import order_page
from back_office.admin.deeds.orders import ORDER_DEEDS
from back_office.admin.deeds.pages import DeedsMixin
from back_office.admin.order_list import OrderListing
from back_office.admin.personal import PersonalDataAdmin
from back_office.models import StaffAction
from orders.models import Order


@admin.register(Order)
class OrderAdmin(DeedsMixin, PersonalDataAdmin, OrderListing):
    deeds = ORDER_DEEDS
    subject = StaffAction.Subject.ORDER
    fields = ("status",)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Order | None = None,
    ) -> HttpResponse:
        if obj is not None:
            unmasked = context.get("unmasked") is True
            context["page"] = order_page.read(obj, unmasked=unmasked, now=timezone.now())
        page: HttpResponse = super().render_change_form(
            request, context, add, change, form_url, obj
        )
        return page
