"""What PostgreSQL itself says when it cannot be used, and what is no such thing."""

import os
from collections.abc import Iterator

import psycopg
import pytest
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from psycopg_pool import ConnectionPool, PoolTimeout

from runtime.database.away import has_forgotten_statements, is_about_the_data, is_away

AWAY = (
    "08006",  # connection_failure
    "25006",  # read_only_sql_transaction: Case 02
    "25P03",  # idle_in_transaction_session_timeout
    "40001",  # serialization_failure
    "40P01",  # deadlock_detected
    "53000",  # insufficient_resources
    "53100",  # disk_full
    "53200",  # out_of_memory
    "53300",  # too_many_connections
    "55P03",  # lock_not_available
    "57P01",  # admin_shutdown
    "57P02",  # crash_shutdown
    "57P03",  # cannot_connect_now
    "58030",  # io_error
)
NOT_AWAY = (
    "0A000",  # feature_not_supported, but for a cached plan
    "22001",  # string_data_right_truncation
    "23505",  # unique_violation
    "25P02",  # in_failed_sql_transaction: an error of ours
    "42P01",  # undefined_table
    "57014",  # query_canceled
    "P0001",  # raise_exception
    "XX000",  # internal_error
)
DATA = ("22001", "22P05", "23505", "23514", "54000")


def raised(state: str) -> DatabaseError:
    with (
        pytest.raises(DatabaseError) as caught,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"DO $$ BEGIN RAISE 'x' USING ERRCODE = '{state}'; END $$")
    return caught.value


@pytest.mark.django_db
@pytest.mark.parametrize("state", AWAY)
def test_the_database_is_away_whatever_class_of_exceptions_says_so(state: str) -> None:
    error = raised(state)
    assert is_away(error)
    assert is_away(error.__cause__)
    assert not is_about_the_data(error)


@pytest.mark.django_db
@pytest.mark.parametrize("state", NOT_AWAY)
def test_what_would_go_wrong_again_is_no_absence(state: str) -> None:
    assert not is_away(raised(state))


@pytest.mark.django_db
@pytest.mark.parametrize("state", DATA)
def test_values_that_are_refused_are_told_apart(state: str) -> None:
    error = raised(state)
    assert is_about_the_data(error)
    assert not is_away(error)


@pytest.mark.django_db
def test_values_that_psycopg_refuses_are_about_the_data() -> None:
    with pytest.raises(DatabaseError) as caught, connection.cursor() as cursor:
        cursor.execute("SELECT %s::text", ["\x00"])
    assert is_about_the_data(caught.value)
    assert not is_away(caught.value)


@pytest.fixture
def ended() -> Iterator[psycopg.Connection]:
    url = os.environ["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as outside, psycopg.connect(url) as ended:
        outside.execute("SELECT pg_terminate_backend(%s, 2000)", [ended.info.backend_pid])
        yield ended


def test_a_connection_that_is_lost_is_away_and_so_is_what_it_says_afterwards(
    ended: psycopg.Connection,
) -> None:
    with pytest.raises(psycopg.Error) as first:
        ended.execute("SELECT 1")
    with pytest.raises(psycopg.Error) as second:
        ended.execute("SELECT 1")
    assert second.value.sqlstate is None
    assert is_away(first.value)
    assert is_away(second.value)


def test_nobody_there_and_no_connection_free_are_away() -> None:
    with pytest.raises(psycopg.OperationalError) as nobody:
        psycopg.connect("host=/nowhere")
    with (
        ConnectionPool("host=/nowhere", open=True, min_size=1) as pool,
        pytest.raises(PoolTimeout) as none_free,
    ):
        pool.getconn(timeout=0.01)
    assert is_away(nobody.value)
    assert is_away(none_free.value)


def test_djangos_own_words_for_a_closed_connection_are_away_and_bugs_are_not() -> None:
    assert is_away(InterfaceError("connection already closed"))
    assert is_away(OperationalError("the connection is lost"))
    assert not is_away(DatabaseError("Save with update_fields did not affect any rows."))
    assert not is_away(ValueError("something else"))
    assert not is_away(None)


def test_a_plan_that_no_longer_fits_is_known_in_any_language() -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as own:
        own.execute("CREATE TEMPORARY TABLE changing (a int)")
        own.execute("SELECT * FROM changing", prepare=True)
        own.execute("DO $$ BEGIN ALTER TABLE changing ADD b int; END $$")
        with pytest.raises(psycopg.errors.FeatureNotSupported) as caught:
            own.execute("SELECT * FROM changing", prepare=True)
        with pytest.raises(psycopg.errors.FeatureNotSupported) as other:
            own.execute("DO $$ BEGIN RAISE 'x' USING ERRCODE = '0A000'; END $$")
    assert has_forgotten_statements(caught.value)
    assert is_away(caught.value)
    assert not has_forgotten_statements(other.value)
