"""What the commands share that hold, release and stop orders."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict
from typing import Any, ClassVar
from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from back_office.actions import hold, sentences
from back_office.management.action_command import (
    Answer,
    Asked,
    DeedCommand,
    an_id,
    creator_named,
    known_orders,
)
from back_office.models import StaffAction
from orders.models import Creator


class OrderCommand(DeedCommand):
    """Of some orders, or of all that a service owner has under way."""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("orders", nargs="*", type=an_id, metavar="ORDER", help="Order ids.")
        parser.add_argument("--creator", help="All that this service owner has under way.")

    def chosen(self, options: Mapping[str, Any]) -> tuple[list[UUID], Creator | None]:
        if bool(options["orders"]) == bool(options["creator"]):
            raise CommandError("Give either order ids or --creator.")
        if options["creator"]:
            creator = creator_named(options["creator"])
            return hold.orders_of(creator), creator
        return known_orders(options["orders"]), None


class HoldingCommand(OrderCommand):
    """Hold, release or stop."""

    what: ClassVar[StaffAction.What]
    act: ClassVar[Callable[..., hold.Done]]

    def answer(self, asked: Asked, options: Mapping[str, Any]) -> Answer:
        orders, creator = self.chosen(options)
        if asked.dry_run:
            return self._foretold(orders)
        act = type(self).act
        done = act(orders, of=creator, by=asked.by, why=asked.why, now=asked.now)
        return Answer(sentences.held(self.what, done), asdict(done), done.orders > 0)

    def _foretold(self, orders: Collection[UUID]) -> Answer:
        found = hold.look_ahead(self.what, orders)
        figures = {
            "orders": found.orders,
            "others": found.others,
            **asdict(found.tally),
            "first_expiry": found.first_expiry and found.first_expiry.isoformat(),
        }
        return Answer(sentences.will_hold(self.what, found), figures, found.orders > 0)
