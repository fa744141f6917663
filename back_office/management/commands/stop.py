"""Stops orders for good: `manage.py stop`."""

from back_office.actions.orders.stop import Stop
from back_office.management.holding_command import HoldingCommand


class Command(HoldingCommand):
    does = (
        "Stops orders for good: what has not left never will, and its messages keep the reason."
        " This cannot be undone; to keep messages back for a while, use hold."
    )
    example = 'stop --creator ttd --reason "Wrong text" --dry-run'
    action = Stop()
