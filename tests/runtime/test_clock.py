"""One clock, the database's, however wrong this machine's is."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from structlog.testing import capture_logs

from runtime import clock
from runtime.clock import measure as really_measure
from runtime.uuid7 import lowest_at, uuid7

TWO_DAYS = timedelta(hours=49)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _unmeasured(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As in a process that has just started."""
    monkeypatch.setattr(clock, "measure", really_measure)
    clock._known.ahead, clock._known.quiet_until = None, 0.0
    yield
    clock._known.ahead, clock._known.quiet_until = None, 0.0


def database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
        return moment


def seconds_off() -> float:
    return abs((clock.now() - database_now()).total_seconds())


@pytest.mark.parametrize("hours", [49, 0.05, 0, -0.05, -49])
def test_attack_a16_a_wrong_clock_changes_nothing(hours: float, time_machine: Any) -> None:
    ahead = timedelta(hours=hours)
    time_machine.move_to(datetime.now(UTC) + ahead)
    assert seconds_off() < 1
    assert clock.skew() == pytest.approx(ahead.total_seconds(), abs=1)


@pytest.mark.parametrize("seconds", [7200, -7200])
def test_a_step_of_the_clock_while_running_is_seen_at_once_and_changes_nothing(
    seconds: int, time_machine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.now()
    # Nobody has to ask again for it.
    monkeypatch.setattr(clock, "measure", lambda: pytest.fail("asked"))
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=seconds))
    assert seconds_off() < 1
    assert clock.skew() == pytest.approx(seconds, abs=1)
    assert clock.is_too_far_off()


def test_what_is_known_is_corrected_by_a_measurement_and_no_more_than_it_demands() -> None:
    clock.measure()
    known = clock._known.ahead
    assert known is not None
    clock._known.ahead = known + 5
    clock.measure()
    assert abs(clock._known.ahead - known) < 1
    within = clock._known.ahead
    for _ in range(5):
        clock.measure()
        assert abs(clock._known.ahead - within) < 0.1


def test_without_a_database_nothing_is_stamped_before_the_first_measurement(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def away() -> None:
        raise OperationalError

    monkeypatch.setattr(clock, "measure", away)
    with pytest.raises(OperationalError):
        clock.now()
    assert abs(clock.seconds() - time.time()) < 1
    clock._known.ahead = 0.0
    assert clock.now() < datetime(2000, 1, 1, tzinfo=UTC), "known, so it goes on by itself"


@pytest.mark.parametrize(
    ("ahead", "level", "works"),
    [
        (0.5, None, True),
        (-3, "warning", True),
        (29, "warning", True),
        (31, "error", False),
        (-31, "error", False),
        (TWO_DAYS.total_seconds(), "error", False),
    ],
)
def test_a_process_says_how_wrong_it_is_once_a_minute(
    ahead: float, level: str | None, works: bool, time_machine: Any
) -> None:
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=ahead))
    with capture_logs() as logs:
        assert [clock.is_too_far_off() for _ in range(3)] == [not works] * 3
    assert [entry["log_level"] for entry in logs] == ([level] if level else [])


def test_identifiers_are_of_the_databases_time(time_machine: Any) -> None:
    time_machine.move_to(datetime.now(UTC) + TWO_DAYS)
    now = clock.now()
    minute = timedelta(minutes=1)
    assert lowest_at(now - minute) < uuid7() < lowest_at(now + minute)
