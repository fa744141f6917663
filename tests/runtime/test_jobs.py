"""Runs of jobs: one at a time in a process, and none is missed for that."""

from datetime import timedelta

import pytest

from runtime import jobs
from runtime.jobs import OneAtATime


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
    monkeypatch.setattr(jobs, "MAX_RUN", timedelta())

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
