"""Cancels orders that nobody has begun to process: `manage.py cancel_order`."""

from datetime import datetime

from django.core.management.base import CommandParser

from back_office.actions.action import Done, Preview
from back_office.actions.orders import cancel
from back_office.audit.log import Actor, Why
from back_office.management.action_command import ActionCommand, Options, an_id, known_orders


class Command(ActionCommand):
    does = "Cancels orders that nobody has begun to process. This cannot be undone."
    example = 'cancel_order 0198e0a5-1c2d-7e3f-8a4b-5c6d7e8f9a0b --reason "Sent twice by mistake"'

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "orders", nargs="+", type=an_id, metavar="ORDER", help="Ids of orders, or of chains."
        )

    def preview(self, options: Options, *, now: datetime) -> Preview:
        return cancel.preview(known_orders(options["orders"]))

    def run(self, options: Options, *, by: Actor, why: Why, now: datetime) -> Done:
        return cancel.run(known_orders(options["orders"]), by=by, why=why, now=now)
