"""Sends notifications at once that wait for another try: `manage.py send_now`."""

from datetime import datetime
from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from back_office.actions.action import Done, Preview
from back_office.actions.orders import send_now
from back_office.audit.log import Actor, Why
from back_office.management.action_command import ActionCommand, Options, an_id, known_orders


class Command(ActionCommand):
    does = "Sends messages at once that wait for another try."
    example = 'send_now --order 0198e0a5-1c2d-7e3f-8a4b-5c6d7e8f9a0b --reason "The gateway is back"'

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--order", action="append", default=[], type=an_id, help="Repeatable.")
        parser.add_argument(
            "--notification", action="append", default=[], type=an_id, help="Repeatable."
        )
        parser.add_argument(
            "--ignore-window",
            action="store_true",
            help="Also SMS that wait for the send window: telephones ring, whatever the hour.",
        )

    def preview(self, options: Options, *, now: datetime) -> Preview:
        chosen, _orders = _chosen(options)
        return send_now.preview(chosen, ignore_window=options["ignore_window"], now=now)

    def run(self, options: Options, *, by: Actor, why: Why, now: datetime) -> Done:
        chosen, orders = _chosen(options)
        ignore_window = options["ignore_window"]
        return send_now.run(
            chosen, ignore_window=ignore_window, of_orders=orders, by=by, why=why, now=now
        )


def _chosen(options: Options) -> tuple[list[UUID], list[UUID]]:
    """The notifications, and the orders where all that wait of them are meant."""
    if bool(options["order"]) == bool(options["notification"]):
        raise CommandError("Give either --order or --notification.")
    orders = known_orders(options["order"])
    return options["notification"] or send_now.waiting_of(orders), orders
