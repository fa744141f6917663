"""Migrates as Django does, but lets nobody wait long for it."""

import time

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import DatabaseError, connections
from django.db.migrations import Migration
from psycopg.errors import LockNotAvailable

from runtime.database.away import sqlstate

LOCK_TIMEOUT = "1s"
"""Whoever waits for a lock on a table holds up all who come after, readers too."""
PAUSES = (2.0, 4.0, 8.0)
"""Seconds between tries, in which those who were held up go on; then the last one each time."""
GIVE_UP = 900
"""Seconds: how long the longest transaction of ours may last, and some more."""


class Command(migrate.Command):
    """A migration that does not get its lock within a second is rolled back, and tried again.

    Those that are no transaction, such as one that builds an index concurrently, hold nobody up,
    and would leave something half done behind: they wait for as long as it takes.
    """

    help = (
        "Brings the database to this version, while the version before it works; --plan says what"
        " it would do. Example: manage.py migrate --give-up 60"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--give-up",
            type=float,
            default=GIVE_UP,
            metavar="SECONDS",
            help="How long a lock is tried for that others hold.",
        )

    def handle(self, *args: object, give_up: float, database: str, **options: object) -> None:
        self._database = database
        self._deadline = time.monotonic() + give_up
        tries = 0
        while True:
            try:
                super().handle(*args, database=database, **options)
            except DatabaseError as error:
                if sqlstate(error) != LockNotAvailable.sqlstate:
                    raise
                self._pause(tries)
                tries += 1
            else:
                self._limit(None)
                return

    def migration_progress_callback(
        self, action: str, migration: Migration | None = None, fake: bool = False
    ) -> None:
        super().migration_progress_callback(action, migration, fake)
        if migration is not None and action in ("apply_start", "unapply_start"):
            # Before its transaction begins. What was reached before stays: the next try goes on.
            self._limit(LOCK_TIMEOUT if migration.atomic else "0")

    def _limit(self, limit: str | None) -> None:
        """None: whatever it is for this role."""
        with connections[self._database].cursor() as cursor:
            if limit is None:
                cursor.execute("RESET lock_timeout")
            else:
                cursor.execute("SELECT set_config('lock_timeout', %s, false)", [limit])

    def _pause(self, tries: int) -> None:
        if time.monotonic() >= self._deadline:
            raise CommandError(
                "Somebody has held a lock all this time. Nothing is half done; see"
                " pg_stat_activity for the oldest transaction, and migrate again."
            )
        seconds = PAUSES[min(tries, len(PAUSES) - 1)]
        self.stdout.write(f"\n  Others hold a lock that it needs: again in {seconds:g} s.")
        time.sleep(seconds)
