"""Holds orders: what has not left waits until it is released: `manage.py hold`."""

from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from back_office.actions.orders.hold import Hold
from back_office.actions.orders.holding import NEW_ORDERS
from back_office.management.action_command import Options
from back_office.management.holding_command import HoldingCommand
from orders.models import Creator


class Command(HoldingCommand):
    does = (
        "Holds orders, or all that a service owner has under way: what has not left waits until it"
        " is released. Messages expire as usual meanwhile."
    )
    example = 'hold --creator ttd --reason "Wrong text, ttd asked for it"'
    action = Hold()

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--new-orders",
            action="store_true",
            dest=NEW_ORDERS,
            help="With --creator: also what it orders from now on, until the release.",
        )

    def chosen(self, options: Options) -> tuple[list[UUID], Creator | None]:
        if options[NEW_ORDERS] and not options["creator"]:
            raise CommandError("--new-orders needs --creator.")
        return super().chosen(options)
