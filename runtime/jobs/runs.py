"""Runs of periodic jobs: one at a time in a process, and short, for the next comes soon."""

import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from datetime import timedelta

from django.db import connections

from runtime import clock
from runtime.jobs import wake_ups

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


def turns(turn: Callable[..., int], *, kind: str = "", full: float = math.inf) -> int:
    """Take turns while they find something to do, for MAX_RUN; returns how much they found. Where
    the time is up, whoever is woken by `kind` goes on.

    After a turn that finds as much as `full`, a second thread takes turns as well: while PostgreSQL
    or a register works for one, Python works for the other.
    """
    until = time.monotonic() + MAX_RUN.total_seconds()
    total = 0
    with ThreadPoolExecutor(1, thread_name_prefix="turns") as beside:
        helping: Future[int] | None = None
        while found := turn(now=clock.now()):
            total += int(found)
            if time.monotonic() >= until:
                if kind:
                    wake_ups.now(kind)
                break
            if found >= full and helping is None:
                helping = beside.submit(copy_context().run, _help, turn, until)
        return total + (helping.result() if helping else 0)


def _help(turn: Callable[..., int], until: float) -> int:
    """Its connection is its own, and is given back."""
    total = 0
    try:
        while time.monotonic() < until and (found := turn(now=clock.now())):
            total += int(found)
    finally:
        connections.close_all()
    return total
