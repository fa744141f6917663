"""Lets orders that wait for another try be processed at once: `manage.py process_orders`."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from back_office.actions import retry, sentences
from back_office.management.action_command import Answer, Asked
from back_office.management.order_command import OrderCommand


class Command(OrderCommand):
    does = "Lets orders that wait for another try be processed at once."
    example = 'process_orders --creator ttd --reason "Profile is back"'

    def answer(self, asked: Asked, options: Mapping[str, Any]) -> Answer:
        orders, _creator = self.chosen(options)
        if asked.dry_run:
            done = retry.look_ahead_orders(orders, now=asked.now)
            sentence = sentences.will_process(done)
        else:
            done = retry.process_now(orders, by=asked.by, why=asked.why, now=asked.now)
            sentence = sentences.processed(done)
        return Answer(sentence, asdict(done), done.count > 0)
