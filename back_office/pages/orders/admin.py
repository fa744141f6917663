"""Orders: the list, and the page that tells an order's whole story."""

from django.contrib import admin

from back_office.actions.pages import DeedsMixin
from back_office.models import StaffAction
from back_office.pages.orders import page
from back_office.pages.orders.buttons import ORDER_DEEDS
from back_office.pages.orders.list import OrderListing
from back_office.privacy.pages import StoryAdmin
from orders.models import Order


@admin.register(Order)
class OrderAdmin(DeedsMixin, StoryAdmin, OrderListing):
    deeds = ORDER_DEEDS
    subject = StaffAction.Subject.ORDER
    story = staticmethod(page.read)
