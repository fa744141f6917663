"""The database, and what it tells: migrations, clock, periodic jobs, pauses, the send window."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import psycopg
from django.db import Error, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from config.database.base import can_only_read, is_pooled
from config.doctor import jobs
from dispatch.upkeep import months, partitioning
from dispatch.upkeep.months import Month
from runtime import clock
from runtime.clock import FAR_OFF, TOO_FAR_OFF
from runtime.findings import LIMIT, Finding, failed, ok, surprised

OLDEST_VERSION = 15
TWO_MONTHS = timedelta(days=62)
READ_ONLY = failed(
    "database",
    "It can only be read: a stand-by, or its disk is nearly full.",
    "Point DATABASE_URL to the primary (target_session_attrs=read-write finds it among several"
    " hosts), or make room. Until then orders are refused with 503, and results wait.",
)


def examine() -> Iterator[Finding]:
    """One connection of its own shows whether the database is there: the pool would wait longer."""
    try:
        yield from _reached()
    except (psycopg.Error, OSError) as error:
        yield failed(
            "database",
            f"Cannot be reached ({type(error).__name__}).",
            "Start PostgreSQL, or set DATABASE_URL. What it would tell is left out here.",
        )
        yield jobs.send_window(now=clock.as_known())
        return
    for name, check in (
        ("migrations", _migrations),
        ("periodic jobs", lambda: jobs.examine(now=clock.now())),
        ("pauses", lambda: jobs.pauses(now=clock.now())),
        ("gateways", jobs.gateways_that_are_gone),
        ("months", lambda: [_months(months.months(), now=clock.now())]),
        ("webhooks", lambda: [jobs.webhooks(now=clock.now())]),
    ):
        yield from _bounded(name, check)
    yield jobs.send_window(now=clock.as_known())


def _reached() -> list[Finding]:
    parameters = connection.get_connection_params() | {"connect_timeout": int(LIMIT)}
    with psycopg.connect(**parameters) as probe:
        server = probe.info.server_version // 10_000
        asked = datetime.now(UTC)
        row = probe.execute("SELECT clock_timestamp()").fetchone()
        answered = datetime.now(UTC)
        takes_writes, pooled = not can_only_read(probe), is_pooled(probe)
    theirs, ours = row[0] if row else asked, asked + (answered - asked) / 2
    answers = version(server, is_pooled=pooled) if takes_writes else READ_ONLY
    return [answers, own_clock(theirs - ours)]


def version(server: int, *, is_pooled: bool = False) -> Finding:
    if server < OLDEST_VERSION:
        return failed(
            "database",
            f"PostgreSQL {server} is too old.",
            f"Upgrade it to {OLDEST_VERSION} or newer.",
        )
    through = " through a pooler, so statements are not prepared" if is_pooled else ""
    return ok("database", f"PostgreSQL {server} answers{through}.")


def own_clock(ahead: timedelta) -> Finding:
    seconds = ahead.total_seconds()
    says = f"The database's differs from ours by {seconds:+.1f} s."
    if abs(seconds) <= FAR_OFF:
        return ok("clock", says)
    if abs(seconds) > TOO_FAR_OFF:
        says += " No periodic job runs on this machine."
    return failed("clock", says, "Set both machines' clocks by NTP.")


def _migrations() -> list[Finding]:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        return [failed("migrations", f"{len(missing)} not applied.", "Run manage.py migrate.")]
    return [ok("migrations", "All applied.")]


def _months(present: Sequence[Month], *, now: datetime) -> Finding:
    if not present:
        return _not_partitioned(partitioning.promised_until())
    if months.ahead(present, now=now) < TWO_MONTHS:
        return failed(
            "months",
            f"No notification can be stored from {present[-1].ends:%Y-%m-%d} on.",
            "See the job dispatch.keep_months, or run manage.py partition --by-month --apply.",
        )
    return ok("months", f"{len(present)} are there, until {present[-1].ends:%Y-%m-%d}.")


def _not_partitioned(promised_until: datetime | None) -> Finding:
    if promised_until is None:
        return ok("months", "Notifications are not partitioned.")
    return failed(
        "months",
        f"Partitioning was cut short: no notification can be stored from {promised_until:%Y-%m-%d}"
        " on.",
        "Run manage.py partition --by-month --apply as the role that migrates.",
    )


def _bounded(name: str, check: Callable[[], list[Finding]]) -> list[Finding]:
    """A table that somebody has locked must not hold up the examination."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {LIMIT * 1000:.0f}")
            return check()
    except Error as error:
        return [surprised(name, error)]
