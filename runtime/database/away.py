"""Whether an error of the database is about the moment, about the data, or about the statement.

The SQLSTATE decides, never the class of the exception: psycopg and Django sort PostgreSQL's states
into a handful of classes by another order, and "read-only after a fail-over" is an `InternalError`
there. https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

import psycopg
from django.db import InterfaceError, OperationalError
from psycopg import errors

NOT_NOW = (
    "08",  # connection exception
    "25006",  # read-only: a stand-by, or a disk that is nearly full at some hosts
    "25P03",  # the server closed the connection: idle in a transaction
    "25P04",  # the same: the transaction took too long
    "40",  # rolled back: deadlock, serialization
    "53",  # out of connections, memory, disk
    "55P03",  # a lock is not to be had
    "57P",  # shutting down, starting, crashed, session ended
    "58",  # the server's own machine failed it: input and output
)
FORGOTTEN_STATEMENT = (
    "26000",  # a prepared statement is not there: another server, or a pooler's other connection
    "42P05",  # it is there already: a pooler's other client prepared it
)
ABOUT_THE_DATA = ("21", "22", "23", "44", "54")


def is_away(error: BaseException | None) -> bool:
    """Whether PostgreSQL cannot do this now, though nothing is wrong with it: the same may succeed
    in a moment, on another connection.

    True of a server that is gone, starting, shutting down, read-only, or out of connections, memory
    or disk; of a conflict with another transaction; of a connection whose prepared statements no
    longer fit. Not of a statement that was cancelled or took too long. Asks the causes, too.
    """
    told = _told(error)
    if told is None:  # Django says so itself of a connection that it has closed
        return isinstance(error, OperationalError | InterfaceError)
    if told.sqlstate is None:  # no server said anything, or the pool had no connection
        return isinstance(told, psycopg.OperationalError | psycopg.InterfaceError)
    return told.sqlstate.startswith(NOT_NOW) or has_forgotten_statements(told)


def is_worth_another_try(error: BaseException | None) -> bool:
    """Whether a request that failed of it may succeed when it comes again.

    Besides `is_away`: a statement that was ended, by somebody or since it took longer than the
    role or the database is allowed. It may have waited for a lock, as that of a migration.
    """
    return is_away(error) or was_cancelled(error)


def is_about_the_data(error: BaseException) -> bool:
    """Whether the values themselves are what PostgreSQL refuses: they will be refused again.

    psycopg refuses some, such as a NUL in a text, before any server sees them, and half of a
    surrogate pair, which JSON can hold, without an error of its own.
    """
    if isinstance(error, UnicodeEncodeError):
        return True
    told = _told(error)
    if told is not None and told.sqlstate is None:
        return isinstance(told, psycopg.DataError)
    return (sqlstate(error) or "").startswith(ABOUT_THE_DATA)


def was_cancelled(error: BaseException | None) -> bool:
    """Whether the statement took longer than it may, or somebody ended it."""
    return sqlstate(error) == errors.QueryCanceled.sqlstate


def has_forgotten_statements(error: BaseException) -> bool:
    """Whether what was prepared on the connection no longer fits: a migration has changed the type
    of a column, or a pooler has given us another server.

    "cached plan must not change result type" has no state of its own, and its words follow the
    server's language; the function that says it has a name.
    https://github.com/postgres/postgres/blob/REL_18_STABLE/src/backend/utils/cache/plancache.c
    """
    told = _told(error)
    if isinstance(told, errors.FeatureNotSupported):
        return told.diag.source_function == "RevalidateCachedQuery"
    return sqlstate(error) in FORGOTTEN_STATEMENT


def sqlstate(error: BaseException | None) -> str | None:
    """The state that PostgreSQL gave; None where it gave none."""
    told = _told(error)
    return told.sqlstate if told else None


def _told(error: BaseException | None) -> psycopg.Error | None:
    """What psycopg raised, where Django or we have made something else of it."""
    while error is not None and not isinstance(error, psycopg.Error):
        error = error.__cause__
    return error
