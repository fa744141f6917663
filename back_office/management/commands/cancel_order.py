"""Cancels orders that nobody has begun to process: `manage.py cancel_order`."""

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser

from back_office.actions import cancel, sentences
from back_office.management.action_command import Answer, Asked, DeedCommand, an_id, known_orders


class Command(DeedCommand):
    does = "Cancels orders that nobody has begun to process. This cannot be undone."
    example = 'cancel_order 0198e0a5-1c2d-7e3f-8a4b-5c6d7e8f9a0b --reason "Sent twice by mistake"'

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("orders", nargs="+", type=an_id, metavar="ORDER", help="Order ids.")

    def answer(self, asked: Asked, options: Mapping[str, Any]) -> Answer:
        orders = known_orders(options["orders"])
        if asked.dry_run:
            done = cancel.look_ahead(orders)
            sentence = sentences.will_cancel(done)
        else:
            done = cancel.cancel(orders, by=asked.by, why=asked.why, now=asked.now)
            sentence = sentences.cancelled(done)
        figures = {"cancelled": sorted(map(str, done.ids)), "others": done.others}
        return Answer(sentence, figures, bool(done.ids))
