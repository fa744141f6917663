"""Connections come from a pool that is back as soon as the database is, and hands out none that is
broken."""

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import ConnectionPool, PoolTimeout

from config.database.base import DatabaseWrapper, refuse_broken

OUTAGE = 8.0
BACK_WITHIN = 3.0


def asked_until(deadline: float, pool: ConnectionPool) -> bool:
    """Whether a connection that works was to be had."""
    while time.monotonic() < deadline:
        with suppress(PoolTimeout), pool.connection(timeout=0.5) as connection:
            connection.execute("SELECT 1")
            return True
    return False


def test_after_an_outage_connections_are_to_be_had_at_once_however_long_it_was(
    tmp_path: Path,
) -> None:
    # By default the pool waits ever longer between its tries: after an outage of minutes, minutes.
    url, sockets = os.environ["DATABASE_URL"], tmp_path / "s"
    options = settings.DATABASES["default"]["OPTIONS"]["pool"]
    with ConnectionPool(make_conninfo(url, host=str(sockets)), **options) as pool:
        assert not asked_until(time.monotonic() + OUTAGE, pool)
        sockets.symlink_to(str(conninfo_to_dict(url)["host"]))
        assert asked_until(time.monotonic() + BACK_WITHIN, pool)


@pytest.mark.django_db(transaction=True)
def test_connections_that_the_server_has_ended_are_not_handed_out() -> None:
    connection = connections["default"]
    assert isinstance(connection, DatabaseWrapper)
    connection.close()
    connection.close_pool()  # it may have grown: a new one has a single connection
    connection.ensure_connection()
    connection.close()  # back to the pool
    with ConnectionPool(os.environ["DATABASE_URL"]) as another, another.connection() as outside:
        ended = outside.execute(
            "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE datname = %s",
            [connection.settings_dict["NAME"]],
        )
        assert {row[0] for row in ended} == {True}
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


class Counting(Connection[Any]):
    """Counts what the server is asked."""

    asked = 0

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        self.asked += 1
        return super().execute(*args, **kwargs)


def test_a_connection_that_works_is_not_asked_anything() -> None:
    with Counting.connect(os.environ["DATABASE_URL"]) as connection:
        refuse_broken(connection)
        assert connection.asked == 0
        connection.execute("NOTIFY something")
        refuse_broken(connection)
        assert connection.asked == 1
