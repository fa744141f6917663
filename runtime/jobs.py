"""Runs of periodic jobs: one at a time in a process, and short, for the next comes soon."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

from runtime import clock, wake_ups

MAX_RUN = timedelta(seconds=10)
"""One run goes on for so long at most while it finds something to do; then comes the next."""


class OneAtATime:
    """A job that is not started again while it runs in this process: it looks once more instead,
    unless it has been at it for MAX_RUN by then."""

    def __init__(self, job: Callable[[], int]) -> None:
        self._job = job
        self._state = threading.Lock()
        self._is_running = False
        self._is_asked = False

    @property
    def has_room(self) -> bool:
        return not self._is_running

    def ask(self) -> None:
        """What runs is asked by the next call, which finds it running."""

    def __call__(self) -> int | None:
        """None where it runs already, else what it returned in all."""
        with self._state:
            if self._is_running:
                self._is_asked = True
                return None
            self._is_running, self._is_asked = True, False
        return self._run()

    def _run(self) -> int:
        until = time.monotonic() + MAX_RUN.total_seconds()
        total = 0
        try:
            while True:
                total += self._job()
                with self._state:
                    if not self._is_asked or time.monotonic() >= until:
                        self._is_running = False
                        return total
                    self._is_asked = False
        except BaseException:
            self._is_running = False
            raise


def turns(turn: Callable[..., int], *, kind: str = "") -> int:
    """Take turns while they find something to do, for MAX_RUN; returns how much they found. Where
    the time is up, whoever is woken by `kind` goes on."""
    until = time.monotonic() + MAX_RUN.total_seconds()
    total = 0
    while found := turn(now=clock.now()):
        total += int(found)
        if time.monotonic() >= until:
            if kind:
                wake_ups.now(kind)
            break
    return total
