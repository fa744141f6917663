"""A migration whose lock others hold keeps nobody waiting, and comes through in the end."""

import threading
from collections.abc import Iterator
from io import StringIO

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from config.management.commands import migrate

READ = "SELECT count(*) FROM orders_creator"
ADDED = (
    "SELECT count(*) FROM information_schema.columns"
    " WHERE table_name = 'orders_creator' AND column_name = 'of_a_test'"
)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT", "100ms")
    monkeypatch.setattr(migrate, "PAUSES", (0.05, 0.5))
    settings.MIGRATION_MODULES = {"config": "tests.config.management.a_migration"}


@pytest.fixture
def reader(transactional_db: None) -> Iterator[psycopg.Connection]:
    """A long transaction that has read the table."""
    parameters = connection.get_connection_params()
    with psycopg.connect(**parameters) as other:
        other.execute(READ)
        yield other
    call_command("migrate", "config", "zero", verbosity=0)


class Told(StringIO):
    """What the command says; lets go on once it has said that it tries again."""

    def __init__(self) -> None:
        super().__init__()
        self.tries_again = threading.Event()

    def write(self, text: str) -> int:
        if "again in" in text:
            self.tries_again.set()
        return super().write(text)


def is_added() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(ADDED)
        return bool(cursor.fetchone()[0])


def test_it_waits_for_a_long_transaction_without_holding_up_others(
    reader: psycopg.Connection,
) -> None:
    told = Told()
    ended: list[bool] = []

    def run() -> None:
        try:
            call_command("migrate", "config", stdout=told)
            ended.append(True)
        finally:
            connection.close()

    migrating = threading.Thread(target=run)
    migrating.start()
    try:
        assert told.tries_again.wait(30)
        # A second reader would queue behind a migration that waits for the first one.
        with psycopg.connect(**connection.get_connection_params()) as other:
            other.execute("SET statement_timeout = '5s'")
            other.execute(READ)
        assert not ended
    finally:
        reader.commit()
        migrating.join(30)
    assert ended == [True]
    assert is_added()


def test_it_gives_up_in_the_end_with_nothing_done(reader: psycopg.Connection) -> None:
    with pytest.raises(CommandError, match="Nothing is half done"):
        call_command("migrate", "config", give_up=0, stdout=StringIO())
    reader.commit()
    assert not is_added()


def test_what_is_wrong_otherwise_is_not_tried_again(
    reader: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader.commit()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE orders_creator ADD COLUMN of_a_test integer")
    with pytest.raises(Exception, match="already exists"):
        call_command("migrate", "config", stdout=StringIO())
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE orders_creator DROP COLUMN of_a_test")


def test_no_limit_is_left_behind(reader: psycopg.Connection) -> None:
    reader.commit()
    call_command("migrate", "config", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone()[0] == "0"
