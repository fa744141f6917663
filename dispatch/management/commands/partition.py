"""Partitions the notifications by month: `manage.py partition --by-month`."""

import time
from collections.abc import Callable
from datetime import datetime

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, transaction
from psycopg.errors import LockNotAvailable

from dispatch.upkeep import months, partitioning
from dispatch.upkeep.partitioning import CannotPartition
from runtime import clock
from runtime.database import sql
from runtime.database.away import sqlstate

PAUSES = (2.0, 4.0, 8.0)
TRIES = 100
"""Of a step for its lock: a quarter of an hour, longer than any transaction of ours lasts."""


class Command(BaseCommand):
    help = (
        "Partitions the notifications by month, while everything else goes on, and makes the months"
        " to come; there is no way back but a restore. Says what it would do, unless --apply is"
        " given. Interrupt it whenever you like: the next run goes on where it ended, and should"
        " come within days. Run it as the role that migrates."
        " Example: manage.py partition --by-month --apply"
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--by-month", action="store_true", required=True)
        parser.add_argument("--apply", action="store_true", help="Do it, not only say it.")

    def handle(self, *, apply: bool, **options: object) -> None:
        now = clock.now()
        size = partitioning.size()
        self.stdout.write(f"About {size.rows:,} notifications, {size.bytes / 2**30:,.1f} GiB.")
        try:
            self._take_steps(apply=apply, now=now)
        except CannotPartition as reason:
            raise CommandError(str(reason)) from reason
        if apply:
            kept = months.keep(now=now)
            self.stdout.write(f"Months made: {', '.join(kept.added) or 'all were there'}.")
        for month in months.months():
            self.stdout.write(f"  {month.name}{' (sealed)' if month.is_sealed else ''}")

    def _take_steps(self, *, apply: bool, now: datetime) -> None:
        number = 0
        for number, step in enumerate(partitioning.steps(now=now), start=1):
            self.stdout.write(f"{number}. {step.says}")
            if apply:
                began = time.monotonic()
                self._run(step.run)
                self.stdout.write(f"   Done in {time.monotonic() - began:.1f} s.")
        if not number:
            self.stdout.write("They are partitioned already.")
        elif not apply:
            self.stdout.write("Nothing was done. Give --apply to do it.")

    def _run(self, step: Callable[[], object]) -> None:
        for tried in range(TRIES):
            try:
                with transaction.atomic():
                    sql.change(
                        "SELECT set_config('lock_timeout', %(limit)s, true)",
                        limit=months.LOCK_TIMEOUT,
                    )
                    step()
            except DatabaseError as error:
                if sqlstate(error) != LockNotAvailable.sqlstate:
                    raise
                pause = PAUSES[min(tried, len(PAUSES) - 1)]
                self.stdout.write(f"   Others hold a lock that it needs: again in {pause:g} s.")
                time.sleep(pause)
            else:
                return
        raise CommandError(
            "Somebody has held a lock all this time. Nothing is half done; see pg_stat_activity"
            " for the oldest transaction, and begin again."
        )
