"""The pool of database connections is back as soon as the database is."""

import os
import time
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import ConnectionPool, PoolTimeout

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
