"""Runs of periodic jobs: one at a time in a process, and short, for the next comes soon."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from functools import wraps

from runtime import clock

MAX_RUN = timedelta(seconds=10)
"""One run goes on for so long at most while it finds something to do; then comes the next."""


def one_at_a_time(job: Callable[[], int]) -> Callable[[], int | None]:
    """In one process a job that still runs is not started again: its next run does nothing, and
    says so by None."""
    running = threading.Lock()

    @wraps(job)
    def run() -> int | None:
        if not running.acquire(blocking=False):
            return None
        try:
            return job()
        finally:
            running.release()

    return run


def turns(turn: Callable[..., int]) -> int:
    """Take turns while they find something to do, for MAX_RUN; returns how much they found."""
    until = time.monotonic() + MAX_RUN.total_seconds()
    total = 0
    while time.monotonic() < until:
        found: int = turn(now=clock.now())
        if not found:
            break
        total += found
    return total
