"""Holds orders: what has not left waits until it is released: `manage.py hold`."""

from back_office.actions import hold
from back_office.management.order_command import HoldingCommand
from back_office.models import StaffAction


class Command(HoldingCommand):
    does = (
        "Holds orders, or all that a service owner has under way: what has not left waits until it"
        " is released. Messages expire as usual meanwhile."
    )
    example = 'hold --creator ttd --reason "Wrong text, ttd asked for it"'
    what = StaffAction.What.HELD
    act = staticmethod(hold.hold)
