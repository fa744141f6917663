"""Several workers at once, each with a database connection of its own."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from queue import SimpleQueue
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from notifications.conditions import check, client
from notifications.conditions.client import Answer
from notifications.expansion import batches
from tests.recipients.local_server import LocalServer

TIMEOUT = 60.0


@pytest.fixture(autouse=True)
def small_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that fewer recipients make a large order."""
    monkeypatch.setattr(batches, "MAX_BATCH", 1_000)


class Worker(threading.Thread):
    """Does a job beside the test, as another process would; `result` raises what the job raised."""

    def __init__(self, job: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self._job = job
        self._result: Any = None
        self._error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self._result = self._job()
        except BaseException as error:
            self._error = error
        finally:
            connection.close()

    def result(self) -> Any:
        self.join(TIMEOUT)
        assert not self.is_alive(), "The worker hangs."
        if self._error is not None:
            raise self._error
        return self._result

    def wait_until_blocked_or_done(self, *, blocked: int = 1) -> None:
        """Until so many connections wait for a lock, or the job has ended without waiting."""
        wait_until(lambda: not self.is_alive() or count_of_blocked() >= blocked)


def check_send_conditions(*, now: datetime) -> int:
    """Ask about what is due, and wait for all answers; returns how many orders were asked about."""
    asked = check.Inquiry().drain(seconds=TIMEOUT, clock=lambda: now)
    assert asked is not None
    return asked


def condition_answers(endpoints: Mapping[UUID, str]) -> dict[UUID, Answer]:
    """What the endpoints of orders answer, as soon as all have."""
    answers: SimpleQueue[tuple[UUID, Answer]] = SimpleQueue()
    client.ask(endpoints, tell=lambda *answer: answers.put(answer))
    return dict(answers.get(timeout=3 * TIMEOUT) for _ in endpoints)


@pytest.fixture
def endpoint() -> Iterator[LocalServer]:
    """A sender's endpoint."""
    running = LocalServer()
    yield running
    running.stop()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < deadline, f"Did not happen in {TIMEOUT:g} seconds."
        time.sleep(0.005)


def count_of_blocked() -> int:
    """How many connections to the test's database wait for another's lock at this moment."""
    with connection.cursor() as cursor:
        # Within a transaction the view would go on showing what it showed first.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return int(cursor.fetchone()[0])
