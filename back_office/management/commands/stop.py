"""Stops orders for good: `manage.py stop`."""

from back_office.actions import hold
from back_office.management.order_command import HoldingCommand
from back_office.models import StaffAction


class Command(HoldingCommand):
    does = (
        "Stops orders for good: what has not left never will, and its messages keep the reason."
        " This cannot be undone; to keep messages back for a while, use hold."
    )
    example = 'stop --creator ttd --reason "Wrong text" --dry-run'
    what = StaffAction.What.STOPPED
    act = staticmethod(hold.stop)
