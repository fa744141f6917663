"""Django's PostgreSQL backend but for how it finds out that a pooled connection is broken, for how
long it waits for one, and for how fast it reads moments.

Django can ask the server before each use, which costs a round trip a request: a tenth of what
placing an order takes. A server that ends a connection says so on its socket; looking whether
anything has come there costs a microsecond.
"""

import select
import time
from datetime import UTC, datetime
from functools import cache
from typing import Any, ClassVar

from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base
from psycopg import Connection, OperationalError
from psycopg.abc import Buffer
from psycopg.adapt import AdaptersMap
from psycopg.types.datetime import TimestamptzLoader
from psycopg_pool import ConnectionPool, PoolTimeout

# In seconds: how long nobody has hope after somebody has waited in vain, and what they wait then.
WITHOUT_HOPE = 1.0
SHORT_WAIT = 0.05


class DatabaseWrapper(base.DatabaseWrapper):
    # Of the base class; django-stubs do not know them.
    _connection_pools: ClassVar[dict[str, ConnectionPool]]
    _configure_connection: Any

    def get_connection_params(self) -> dict[str, Any]:
        parameters: dict[str, Any] = super().get_connection_params()
        if self.timezone == UTC:
            parameters["context"] = _with_quick_moments(parameters["context"])
        return parameters

    @property
    def pool(self) -> Any:
        """This process's pool, not opened yet when it is made; None where OPTIONS name none."""
        options = self.settings_dict["OPTIONS"].get("pool")
        if self.alias == NO_DB_ALIAS or not options:
            return None
        if self.alias not in self._connection_pools:
            pool = Pool(
                kwargs=self.get_connection_params() | {"autocommit": True},
                open=False,
                configure=self._configure_connection,
                **options,
            )
            # Several threads may come here at once at the start: the first one's counts.
            self._connection_pools.setdefault(self.alias, pool)
        return self._connection_pools[self.alias]


@cache  # for Django asks anew for each request, even if the pool has a connection
def _with_quick_moments(known: AdaptersMap) -> AdaptersMap:
    adapters = AdaptersMap(known)
    adapters.register_loader("timestamptz", MomentLoader)
    return adapters


class Pool(ConnectionPool):
    """While the database is away only the first ones wait for as long as `timeout`.

    Those after them wait for a moment: else each would keep a thread of its own for all that time,
    and those who queue for a thread would get no answer at all. Meanwhile the pool tries to connect
    on its own, so a connection is to be had as soon as the database is back. The base class could
    look for broken connections, but waits longer after each: after a restart of the database the
    fourth would be one too many.
    """

    _without_hope_until = 0.0

    def getconn(self, timeout: float | None = None) -> Connection[Any]:
        now = time.monotonic()
        patience = self.timeout if timeout is None else timeout
        deadline = now + (SHORT_WAIT if now < self._without_hope_until else patience)
        try:
            while is_broken(connection := super().getconn(deadline - time.monotonic())):
                connection.close()
                self.putconn(connection)  # which replaces it
        except PoolTimeout:
            self._without_hope_until = time.monotonic() + WITHOUT_HOPE
            raise
        self._without_hope_until = 0.0
        return connection


class MomentLoader(TimestamptzLoader):
    """As Django's, which takes sixteen times as long: most of what it costs to read a row with
    moments in it. For sessions in UTC."""

    # Django compares it with the connection's, and puts its own loader back where they differ.
    timezone = UTC

    def load(self, data: Buffer) -> datetime:
        try:
            return datetime.fromisoformat(str(data, "ascii"))
        except ValueError:  # nothing that Python has: the base class says what is wrong with it
            return super().load(data)


def is_broken(connection: Connection[Any]) -> bool:
    """Whether its server has ended it.

    An idle server says nothing else but now and then a change of a setting; asking it tells which.
    """
    looked_at = select.poll()
    looked_at.register(connection.fileno(), select.POLLIN)
    if not looked_at.poll(0):
        return False
    try:
        ConnectionPool.check_connection(connection)
    except OperationalError:
        return True
    return False
