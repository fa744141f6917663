"""Connections come from a pool that is back as soon as the database is, and hands out none that is
broken."""

import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError, connection
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import ConnectionPool, PoolTimeout

from config.database.base import DatabaseWrapper, Pool, is_broken
from runtime.database.away import is_worth_another_try

OUTAGE = 8.0
BACK_WITHIN = 3.0
IDLE = 4
BACK_OFF = 1.0
"""What the base class waits after it has found two broken connections, and again after each
more."""


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


@pytest.mark.django_db
def test_connections_that_the_server_has_ended_are_replaced_at_once_however_many() -> None:
    with (
        Pool(os.environ["DATABASE_URL"], min_size=IDLE, max_size=IDLE) as pool,
        psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as outside,
    ):
        pool.wait()
        idle = [pool.getconn() for _ in range(IDLE)]
        ended = [one.info.backend_pid for one in idle]
        for one in idle:
            pool.putconn(one)
        outside.execute("SELECT pg_terminate_backend(pid, 2000) FROM unnest(%s) pid", [ended])
        began = time.monotonic()
        with pool.connection() as connection:
            assert connection.info.backend_pid not in ended
            connection.execute("SELECT 1")
        assert time.monotonic() - began < BACK_OFF


class Counting(Connection[Any]):
    """Counts what the server is asked."""

    asked = 0

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        self.asked += 1
        return super().execute(*args, **kwargs)


def test_a_connection_that_works_is_not_asked_anything() -> None:
    with Counting.connect(os.environ["DATABASE_URL"]) as connection:
        assert not is_broken(connection)
        assert connection.asked == 0
        connection.execute("NOTIFY something")
        assert not is_broken(connection)
        assert connection.asked == 1


SHOW = "from django.db import connection as c; k = c.cursor(); k.execute('SHOW statement_timeout');"


@pytest.mark.parametrize(("begin", "told"), [("import config.asgi", "7s"), ("", "0")])
def test_a_statement_of_a_web_process_has_its_time_and_others_have_as_long_as_they_need(
    begin: str, told: str
) -> None:
    program = f"import django; django.setup(); {begin or 'pass'}; {SHOW} print(k.fetchone()[0])"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "WEB_STATEMENT_SECONDS": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == told


@pytest.mark.django_db(transaction=True)
def test_a_statement_that_takes_longer_is_ended_and_its_connection_is_good_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(DatabaseWrapper, "statement_seconds", 0.1)
    web = connection.copy("web")
    assert isinstance(web, DatabaseWrapper)
    pool = web.pool
    assert pool is not None
    try:
        with pytest.raises(OperationalError) as ended, web.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(60)")
        assert is_worth_another_try(ended.value)
        with web.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            assert cursor.fetchone() == ("100ms",)
    finally:
        web.close()
        pool.close()
