"""Runs of jobs: one at a time in a process, and none is missed for that."""

import threading
from datetime import datetime, timedelta

import pytest

from runtime.jobs import runs as job_runs
from runtime.jobs.runs import OneAtATime


def test_a_job_that_is_started_while_it_runs_looks_once_more_before_it_ends() -> None:
    runs: list[int] = []

    def work() -> int:
        assert not job.has_room
        runs.append(1)
        if len(runs) == 1:
            assert job() is None
            assert job() is None
        return 2

    job = OneAtATime(work)
    assert job() == 4
    assert job.has_room
    assert len(runs) == 2


def test_a_job_that_was_at_it_long_enough_looks_no_more_and_one_that_fails_can_run_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(job_runs, "MAX_RUN", timedelta())

    def work() -> int:
        if not runs:
            runs.append(job())
            return 1
        raise ZeroDivisionError

    runs: list[int | None] = []
    job = OneAtATime(work)
    assert job() == 1
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            job()


def test_after_a_full_turn_two_threads_take_turns_at_the_same_time() -> None:
    together = threading.Barrier(2)
    begun: list[int] = []

    def turn(*, now: datetime) -> int:
        me = threading.get_ident()
        begun.append(me)
        if len(begun) == 1:
            return 5
        if begun.count(me) > 1 + (me == begun[0]):
            return 0
        together.wait(timeout=30)
        return 1

    assert job_runs.turns(turn, full=5) == 5 + 1 + 1


def test_a_turn_that_is_not_full_is_not_helped_and_an_error_of_the_helper_is_not_lost() -> None:
    threads: set[int] = set()

    def turn(*, now: datetime) -> int:
        threads.add(threading.get_ident())
        if len(threads) > 1:
            raise ZeroDivisionError
        return next(found)

    found = iter([4, 4, 0])
    assert job_runs.turns(turn, full=5) == 8
    assert len(threads) == 1
    found = iter([5, 0])
    with pytest.raises(ZeroDivisionError):
        job_runs.turns(turn, full=5)
