"""Lets orders that wait for another try be processed at once: `manage.py process_orders`."""

from datetime import datetime

from back_office.actions.action import Done, Preview
from back_office.actions.orders import process_now
from back_office.audit.log import Actor, Why
from back_office.management.action_command import Options
from back_office.management.holding_command import OrderCommand


class Command(OrderCommand):
    does = "Lets orders that wait for another try be processed at once."
    example = 'process_orders --creator ttd --reason "Profile is back"'

    def preview(self, options: Options, *, now: datetime) -> Preview:
        return process_now.preview(self.chosen(options)[0], now=now)

    def run(self, options: Options, *, by: Actor, why: Why, now: datetime) -> Done:
        return process_now.run(self.chosen(options)[0], by=by, why=why, now=now)
