"""What all commands of actions share: who does it and why, what they say, and the exit status."""

import argparse
import json
import os
import pwd
from abc import abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from back_office.actions.action import Done, Preview
from back_office.audit import grounds
from back_office.audit.log import Actor, Why
from back_office.wording.counts import number
from notifications.models import NotificationChannel
from orders.models import Creator, Order
from runtime import clock
from runtime.local_time import LOCAL_TIME

Options = Mapping[str, Any]
"""As argparse read them."""


class ActionCommand(BaseCommand):
    """Needs a reason, which the audit log keeps with the account of the operating system."""

    does = ""
    example = ""
    requires_system_checks = []

    @property
    def help(self) -> str:  # type: ignore[override] # Django's is a plain attribute
        return f"{self.does} Example: manage.py {self.example}"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reason", default="", help="Why; needed. Kept in the audit log.")
        parser.add_argument("--case", default="", help="Reference of the support case.")
        parser.add_argument("--dry-run", action="store_true", help="Only say what it would do.")
        parser.add_argument("--json", action="store_true", help="Say it as JSON.")

    def handle(
        self, *, reason: str, case: str, dry_run: bool, json: bool, **options: object
    ) -> None:
        now = clock.now()
        if dry_run:
            preview = self.preview(options, now=now)
            self._say(preview, success=preview.possible, dry_run=True, as_json=json)
        else:
            done = self.run(options, by=account(), why=_why(reason, case), now=now)
            self._say(done, success=done.success, dry_run=False, as_json=json)

    @abstractmethod
    def preview(self, options: Options, *, now: datetime) -> Preview:
        """What would be done."""

    @abstractmethod
    def run(self, options: Options, *, by: Actor, why: Why, now: datetime) -> Done:
        """Do it."""

    def _say(self, told: Preview | Done, *, success: bool, dry_run: bool, as_json: bool) -> None:
        if as_json:
            figures = {"dry_run": dry_run, **told.figures}
            self.stdout.write(json.dumps(figures, default=str, ensure_ascii=False))
        else:
            style = self.style.SUCCESS if success else self.style.WARNING
            self.stdout.write(style(f"Dry run: {told.sentence}" if dry_run else told.sentence))
            for name, value in told.facts:
                self.stdout.write(f"  {name:<64} {value:>10}")
            for reason, count in told.refused:
                self.stdout.write(f"  {reason:<64} {number(count):>10}")
        if not success:
            raise SystemExit(1)


def _why(reason: str, case: str) -> Why:
    try:
        return Why(grounds.reason(reason), grounds.case_reference(case))
    except grounds.Unfit as error:
        raise CommandError(f"{error} Give a --reason, and the --case if there is one.") from error


def account() -> Actor:
    """The account at the command line, as the operating system knows it."""
    try:
        return Actor(pwd.getpwuid(os.getuid()).pw_name)
    except KeyError:
        return Actor(f"uid {os.getuid()}")


def an_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no id.") from None


def a_channel(text: str) -> NotificationChannel:
    found = {channel.value.lower(): channel for channel in NotificationChannel}.get(text.lower())
    if found is None:
        raise argparse.ArgumentTypeError("The channel is Sms or Email.")
    return found


def a_moment(text: str) -> datetime:
    """In ISO 8601; by Norwegian clocks where no offset is given."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text} is no time; write 2026-01-31T14:00, or 2026-01-31."
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=LOCAL_TIME)


def creator_named(name: str) -> Creator:
    try:
        return Creator.objects.get(short_name=name)
    except Creator.DoesNotExist:
        raise CommandError(f"There is no service owner {name}.") from None


def known_orders(ids: Iterable[UUID]) -> list[UUID]:
    """The orders; an id of a chain stands for all of its orders. Raises CommandError for those that
    do not exist, before anything is done."""
    asked = list(dict.fromkeys(ids))
    found = set(Order.objects.filter(pk__in=asked).values_list("pk", flat=True))
    of_chain: dict[UUID, list[UUID]] = defaultdict(list)
    chained = Order.objects.filter(chain__in=[one for one in asked if one not in found])
    for chain_id, order_id in chained.order_by("chain_position").values_list("chain_id", "pk"):
        of_chain[chain_id].append(order_id)
    if unknown := [str(one) for one in asked if one not in found and one not in of_chain]:
        raise CommandError(f"There is no order or chain {', '.join(unknown)}.")
    return list(dict.fromkeys(order for one in asked for order in of_chain.get(one, [one])))
