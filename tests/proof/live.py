"""What the proofs do to a running web process, and to the database behind it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from psycopg import sql

from tests.running_system import Answer, RunningSystem

ORDER = b"""{"recipients": [{"emailAddress": "kari@example.com"}], "notificationChannel": "Email",
    "emailTemplate": {"subject": "Et brev", "body": "Du har f\xc3\xa5tt et brev."}}"""


def place(web: RunningSystem) -> Answer:
    return web.place("orders", ORDER)


@contextmanager
def database_away(web: RunningSystem) -> Iterator[None]:
    """Ends all connections of the web process, and lets it make no others."""
    name = web.database.partition("?")[0].rpartition("/")[2]
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as outside:
        allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
        outside.execute(allow.format(sql.Identifier(name), sql.Literal(False)))
        outside.execute(
            "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE datname = %s",
            [name],
        )
        try:
            yield
        finally:
            outside.execute(allow.format(sql.Identifier(name), sql.Literal(True)))


@contextmanager
def database_read_only(web: RunningSystem) -> Iterator[None]:
    """What is left after a fail-over to a stand-by, or by a host whose disk is nearly full: all
    connections are ended, and new ones can only read."""
    name = web.database.partition("?")[0].rpartition("/")[2]
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as outside:
        alter = sql.SQL("ALTER DATABASE {} {} default_transaction_read_only {}")
        database = sql.Identifier(name)
        outside.execute(alter.format(database, sql.SQL("SET"), sql.SQL("= on")))
        outside.execute(
            "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE datname = %s",
            [name],
        )
        try:
            yield
        finally:
            outside.execute(alter.format(database, sql.SQL("RESET"), sql.SQL("")))


def is_blocked(web: RunningSystem) -> bool:
    """Whether a request waits for a lock of the database."""
    found = web.query(
        "SELECT 1 FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    return bool(found)


def wait_until_healthy(web: RunningSystem) -> None:
    def is_healthy() -> bool:
        with suppress(OSError):
            return web.call("GET", "/health", headers={}).status == 200
        return False

    web.wait_for(is_healthy, "the new web process to serve /health")
