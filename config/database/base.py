"""Django's PostgreSQL backend but for how it finds out that a pooled connection is of no use, for
how long it waits for one, and for how fast it reads moments.

Django can ask the server before each use, which costs a round trip a request: a tenth of what
placing an order takes. A server that ends a connection says so on its socket; looking whether
anything has come there costs a microsecond.
"""

import select
import time
from datetime import UTC, datetime
from functools import cache, cached_property
from math import ceil
from types import TracebackType
from typing import Any, ClassVar, Self

import psycopg
from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper
from django.db.utils import DatabaseErrorWrapper
from psycopg import Connection, Error
from psycopg.abc import Buffer, Params, QueryNoTemplate
from psycopg.adapt import AdaptersMap
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow
from psycopg.types.datetime import TimestamptzLoader
from psycopg_pool import ConnectionPool, PoolTimeout

from config.database.client import DatabaseClient
from runtime.database.away import has_forgotten_statements, is_away

# In seconds: how long nobody has hope after somebody has waited in vain, and what they wait then.
WITHOUT_HOPE = 1.0
SHORT_WAIT = 0.05
OLDEST_READ_ONLY = 0.1
"""In seconds: how old a connection that can only read may grow before another is made, to see
whether the database can be written to again."""


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection on which the database was found to be away is dropped, never pooled: outside of
    a transaction by its next use, else with the end of its use."""

    # Of the base class; django-stubs do not know it.
    _connection_pools: ClassVar[dict[str, ConnectionPool]]

    client_class = DatabaseClient
    is_doubtful = False
    statement_seconds: ClassVar[float] = 0.0
    """How long a statement of this process may take; 0: as long as the role's may."""

    @cached_property
    def wrap_database_errors(self) -> "WatchedErrors":
        return WatchedErrors(self)

    def ensure_connection(self) -> None:
        if self.is_doubtful and not self.in_atomic_block:
            self.close()
        super().ensure_connection()

    def _configure_connection(self, connection: Connection[TupleRow]) -> Any:
        """Behind a pooler nothing may outlive a transaction: statements are not prepared there, and
        what was set would be set for others. Some poolers refuse it as a connection's option, too.
        https://www.pgbouncer.org/config.html#ignore_startup_parameters
        """
        is_changed = super()._configure_connection(connection)  # type: ignore[misc]
        if is_pooled(connection):
            connection.prepare_threshold = None
        elif self.statement_seconds:
            # Never 0, which is no limit at all.
            milliseconds = str(ceil(self.statement_seconds * 1000))
            connection.execute(
                "SELECT set_config('statement_timeout', %s, false)", [milliseconds], prepare=False
            )
        return is_changed

    def chunked_cursor(self) -> CursorWrapper:
        """Nor do cursors outlive a transaction behind a pooler: rows are read at once there."""
        self.ensure_connection()
        if self.connection.prepare_threshold is None:
            return self.cursor()
        return super().chunked_cursor()

    def _close(self) -> None:
        if self.is_doubtful and self.connection is not None:
            self.connection.close()  # the pool replaces what comes back closed
        self.is_doubtful = False
        super()._close()  # type: ignore[misc]  # django-stubs do not know it

    def get_connection_params(self) -> dict[str, object]:
        parameters: dict[str, object] = super().get_connection_params()
        parameters["cursor_factory"] = Cursor
        if self.timezone == UTC:
            parameters["context"] = _with_quick_moments(parameters["context"])
        return parameters

    @property
    def pool(self) -> ConnectionPool | None:
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


class Cursor(base.ServerBindingCursor, psycopg.Cursor[TupleRow]):
    """Tries a statement once more, unprepared, where what was prepared no longer fits.

    PostgreSQL finds that out before it does anything. In a transaction, which is over by that, the
    error goes on to whoever can begin it again.
    """

    def execute(  # type: ignore[override]  # one of two forms: Django knows no templates
        self, query: QueryNoTemplate, params: Params | None = None, **options: Any
    ) -> Self:
        try:
            super().execute(query, params, **options)
        except Error as error:
            is_idle = self.connection.info.transaction_status == TransactionStatus.IDLE
            if not (is_idle and has_forgotten_statements(error)):
                raise
            self.connection.execute("DEALLOCATE ALL", prepare=False)
            super().execute(query, params, **options | {"prepare": False})
        return self


class WatchedErrors(DatabaseErrorWrapper):
    """Django's, through which every error of the database goes."""

    wrapper: DatabaseWrapper

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.wrapper.connection is not None and is_away(exc_value):
            self.wrapper.is_doubtful = True
        super().__exit__(exc_type, exc_value, traceback)


class Pool(ConnectionPool):
    """While the database is away only the first ones wait for as long as `timeout`.

    Those after them wait for a moment: else each would keep a thread of its own for all that time,
    and those who queue for a thread would get no answer at all. Meanwhile the pool tries to connect
    on its own, so a connection is to be had as soon as the database is back. The base class could
    look for broken connections, but waits longer after each: after a restart of the database the
    fourth would be one too many.
    """

    _without_hope_until = 0.0

    def getconn(self, timeout: float | None = None) -> Connection[TupleRow]:
        now = time.monotonic()
        limit = self.timeout if timeout is None else timeout
        deadline = now + (SHORT_WAIT if now < self._without_hope_until else limit)
        try:
            while is_of_no_use(connection := super().getconn(deadline - time.monotonic())):
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


def is_of_no_use(connection: Connection[TupleRow]) -> bool:
    """Whether its server has ended it, or lets it read only and another may fare better."""
    if can_only_read(connection):
        age: float = time.monotonic() - connection._created_at
        return age > OLDEST_READ_ONLY
    return is_broken(connection)


def can_only_read(connection: Connection[TupleRow]) -> bool:
    """Whether its server was a stand-by, or read-only, when it last said something. It tells of
    itself, from version 14: nothing is asked here.

    https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-ASYNC
    """
    told = connection.pgconn.parameter_status
    return told(b"in_hot_standby") == b"on" or told(b"default_transaction_read_only") == b"on"


def is_pooled(connection: Connection[TupleRow]) -> bool:
    """Whether a pooler such as PgBouncer stands between us and the server: then it is another
    process that answers than the one that let us in.

    Of the poolers, some know prepared statements, if they are told to, and some do not; that cannot
    be told from here with certainty. https://www.pgbouncer.org/features.html
    """
    row = connection.execute("SELECT pg_backend_pid()").fetchone()
    return row is not None and row[0] != connection.info.backend_pid


def is_broken(connection: Connection[TupleRow]) -> bool:
    """Whether its server has ended it.

    An idle server says nothing else but now and then a change of a setting; asking it tells which.
    """
    looked_at = select.poll()
    looked_at.register(connection.fileno(), select.POLLIN)
    if not looked_at.poll(0):
        return False
    try:
        ConnectionPool.check_connection(connection)
    except Error:
        return True
    return False
