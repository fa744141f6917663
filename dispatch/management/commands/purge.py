"""Removes personal data that has outlived its period: `manage.py purge`."""

import json
from dataclasses import asdict
from datetime import datetime, timedelta

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dispatch.management.progress import Progress
from dispatch.upkeep import purge
from dispatch.upkeep.purge import Purged
from runtime import clock

MAX_DAYS = 36_500


class Command(BaseCommand):
    help = (
        "Removes texts, addresses and identifiers of orders that ended longer ago than"
        " RETENTION_DAYS, and deletes dead delivery reports of that age. Counts, statuses, ids and"
        " times stay. Interrupt it whenever you like: the next run goes on where it ended."
        " Example: manage.py purge --days 30 --dry-run"
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Count only, change nothing.")
        parser.add_argument(
            "--days", type=int, help="How long to keep; RETENTION_DAYS unless given."
        )
        parser.add_argument("--json", action="store_true", help="Print the counts as JSON.")

    def handle(self, *, dry_run: bool, days: int | None, json: bool, **options: object) -> str:
        now = clock.now()
        before = now - _kept_for(days)
        purgeable = purge.purgeable(before=before)
        done = purgeable if dry_run else self._purge(purgeable.orders, before=before, now=now)
        return _as_json(done, dry_run) if json else _in_words(done, dry_run)

    def _purge(self, orders: int, *, before: datetime, now: datetime) -> Purged:
        done = Purged()
        progress = Progress(self.stderr, orders)
        for step in purge.steps(before=before, now=now):
            done += step
            so_far = f"{done.orders:,} of {orders:,} orders, {done.notifications:,} messages"
            progress.show(done.orders, so_far)
        progress.wipe()
        return done


def _kept_for(days: int | None) -> timedelta:
    if days is not None:
        if not 1 <= days <= MAX_DAYS:
            raise CommandError(f"--days is 1 at least, and {MAX_DAYS} at most.")
        return timedelta(days=days)
    period = purge.period()
    if period is None:
        raise CommandError("RETENTION_DAYS is 0: everything is kept. Give --days to purge still.")
    return period


def _as_json(done: Purged, dry_run: bool) -> str:
    counted = ("orders", "dead_reports") if dry_run else tuple(asdict(done))
    return json.dumps({"dry_run": dry_run} | {name: asdict(done)[name] for name in counted})


def _in_words(done: Purged, dry_run: bool) -> str:
    if dry_run:
        return f"Would purge {done.orders:,} orders and delete {done.dead_reports:,} dead reports."
    return (
        f"Purged {done.orders:,} orders: {done.recipients:,} recipients,"
        f" {done.notifications:,} messages, {done.reports:,} delivery reports."
        f" Deleted {done.dead_reports:,} dead reports. Ended {done.dialogs:,} logs of dialogs."
    )
