"""Releases held orders: `manage.py release`."""

from back_office.actions.orders.release import Release
from back_office.management.holding_command import HoldingCommand


class Command(HoldingCommand):
    does = "Releases held orders: what is due leaves at once, within the send window."
    example = 'release 0198e0a5-1c2d-7e3f-8a4b-5c6d7e8f9a0b --reason "The text was right"'
    action = Release()
