"""Sends messages at once that wait for another try: `manage.py send_now`."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser

from back_office.actions import retry, sentences
from back_office.management.action_command import Answer, Asked, DeedCommand, an_id, known_orders


class Command(DeedCommand):
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

    def answer(self, asked: Asked, options: Mapping[str, Any]) -> Answer:
        if bool(options["order"]) == bool(options["notification"]):
            raise CommandError("Give either --order or --notification.")
        orders = known_orders(options["order"])
        chosen = options["notification"] or retry.waiting_of(orders)
        ignore_window = options["ignore_window"]
        if asked.dry_run:
            done = retry.look_ahead_messages(chosen, ignore_window=ignore_window, now=asked.now)
            sentence = sentences.will_send(done)
        else:
            done = retry.send_now(
                chosen,
                ignore_window=ignore_window,
                of_orders=orders,
                by=asked.by,
                why=asked.why,
                now=asked.now,
            )
            sentence = sentences.sent(done)
        return Answer(sentence, asdict(done), done.count > 0)
