"""What the commands share that concern some orders, or all that a service owner has under way."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from back_office.actions.action import Done, Preview
from back_office.actions.orders.holding import NEW_ORDERS, HoldingAction
from back_office.audit.log import Actor, Why
from back_office.management.action_command import (
    ActionCommand,
    Options,
    an_id,
    creator_named,
    known_orders,
)
from notifications.control import hold
from orders.models import Creator


class OrderCommand(ActionCommand):
    """Of some orders, or of all that a service owner has under way."""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "orders", nargs="*", type=an_id, metavar="ORDER", help="Ids of orders, or of chains."
        )
        parser.add_argument("--creator", help="All that this service owner has under way.")

    def chosen(self, options: Options) -> tuple[list[UUID], Creator | None]:
        if bool(options["orders"]) == bool(options["creator"]):
            raise CommandError("Give either order ids or --creator.")
        if options["creator"]:
            creator = creator_named(options["creator"])
            return hold.unended_orders_of(creator), creator
        return known_orders(options["orders"]), None


class HoldingCommand(OrderCommand):
    """Hold, release or stop."""

    action: ClassVar[HoldingAction]

    def preview(self, options: Options, *, now: datetime) -> Preview:
        orders, creator = self.chosen(options)
        chosen = bool(options.get(NEW_ORDERS))
        return self.action.preview_of(orders, of=creator, new_orders=chosen, now=now)

    def run(self, options: Options, *, by: Actor, why: Why, now: datetime) -> Done:
        orders, creator = self.chosen(options)
        chosen = bool(options.get(NEW_ORDERS))
        return self.action.run_on(orders, of=creator, new_orders=chosen, by=by, why=why, now=now)
