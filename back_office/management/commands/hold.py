"""Holds orders: what has not left waits until it is released: `manage.py hold`."""

from back_office.actions.hold import Hold
from back_office.management.holding_command import HoldingCommand


class Command(HoldingCommand):
    does = (
        "Holds orders, or all that a service owner has under way: what has not left waits until it"
        " is released. Messages expire as usual meanwhile."
    )
    example = 'hold --creator ttd --reason "Wrong text, ttd asked for it"'
    action = Hold()
