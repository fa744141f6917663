"""Orders: the list, and the page that tells an order's whole story."""

from django.contrib import admin

from back_office import order_page
from back_office.admin.deeds.orders import ORDER_DEEDS
from back_office.admin.deeds.pages import DeedsMixin
from back_office.admin.order_list import OrderListing
from back_office.admin.personal import StoryAdmin
from back_office.models import StaffAction
from orders.models import Order


@admin.register(Order)
class OrderAdmin(DeedsMixin, StoryAdmin, OrderListing):
    deeds = ORDER_DEEDS
    subject = StaffAction.Subject.ORDER
    story = staticmethod(order_page.read)
