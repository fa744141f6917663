"""Requests are given to a process that can take them, and to no other."""

import threading
import time
from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connection
from django.test import Client

from config import leaving
from config.api import health


@pytest.fixture(autouse=True)
def _asked_by_nobody_yet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(health, "database", health.Database())
    yield
    leaving.is_leaving.clear()


@pytest.mark.django_db
def test_it_is_ready_while_the_database_takes_writes() -> None:
    assert Client().get("/ready").status_code == 200
    health.database = health.Database()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL transaction_read_only = on")
    assert Client().get("/ready").status_code == 503
    assert Client().get("/health").status_code == 200


def test_the_database_is_asked_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [True, False]
    now = 1_000.0
    monkeypatch.setattr(health, "_takes_writes", lambda: answers.pop(0))
    monkeypatch.setattr("config.api.health.time.monotonic", lambda: now)
    assert [health.database.takes_writes() for _ in range(3)] == [True] * 3
    now += 1
    assert [health.database.takes_writes() for _ in range(3)] == [False] * 3


def test_a_database_that_is_away_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise DatabaseError

    monkeypatch.setattr(connection, "cursor", away)
    answer = Client().get("/ready")
    assert (answer.status_code, answer.content) == (503, b"The database is away")


def test_a_question_that_hangs_keeps_no_second_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, answered = threading.Event(), threading.Event()

    def hangs() -> bool:
        asked.set()
        return answered.wait(30)

    monkeypatch.setattr(health, "_takes_writes", lambda: True)
    assert health.database.takes_writes()
    monkeypatch.setattr(health, "_takes_writes", hangs)
    begun = time.monotonic() + health.FRESH_SECONDS
    now = begun
    monkeypatch.setattr("config.api.health.time.monotonic", lambda: now)
    first = threading.Thread(target=health.database.takes_writes)
    first.start()
    try:
        assert asked.wait(10)
        assert health.database.takes_writes()
        now = begun + health.MAX_SECONDS + 1
        assert not health.database.takes_writes()
    finally:
        answered.set()
        first.join()


def test_a_process_that_is_leaving_says_so() -> None:
    leaving.is_leaving.set()
    answer = Client().get("/ready")
    assert (answer.status_code, answer.content) == (503, b"Stopping")
    assert Client().get("/health").status_code == 200
