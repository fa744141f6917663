"""Has a job of this process run whenever somebody calls what it takes ready (see `wake_ups`)."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from uuid import uuid4

import structlog
from django.db import Error, connection

from runtime.jobs.wake_ups import Listener

logger = structlog.get_logger(__name__)

RUN = "woken-"
"""What the identifiers of runs that were called begin with."""
LOOK_FOR_ROOM_EVERY = 0.05
"""How soon one that was full listens again. Seconds."""


class Taker(Protocol):
    """Who takes what is ready, in this process."""

    @property
    def has_room(self) -> bool:
        """Whether it would take more at this moment. While it would not, calls are left to other
        processes."""

    def ask(self) -> None:
        """Have it look at once, if it is at work. The job is run besides."""


class Job(Protocol):
    """A task of Celery's."""

    name: str

    def apply(self, *, task_id: str) -> object: ...


@dataclass(frozen=True, slots=True)
class Woken:
    """A job that is run when something of the kind is ready."""

    kind: str
    by: Job
    taker: Callable[[], Taker]


class Loop:
    """Listens in one thread and runs the job in another, for it may be called while it runs."""

    def __init__(self, woken: Woken, *, may_run: Callable[[str], bool]) -> None:
        self._woken = woken
        self._may_run = may_run
        self._is_called = threading.Event()
        self._is_stopping = threading.Event()
        self._listener = Listener(woken.kind)
        self._threads = [
            threading.Thread(target=work, name=f"{woken.kind} {name}", daemon=True)
            for name, work in (("listens", self._listen), ("runs", self._run))
        ]

    def start(self) -> None:
        """Before anything else runs: two threads would each make a taker."""
        try:
            self._woken.taker()
        except Exception:
            # A fault of the settings: each run that beat hands out tells of it, too.
            logger.exception("A job cannot be woken", job=self._woken.by.name)
            return
        for thread in self._threads:
            thread.start()

    def begin_no_more(self) -> None:
        self._is_stopping.set()
        self._is_called.set()

    def stop(self) -> None:
        """Returns when the run that is under way, if any, has ended."""
        self.begin_no_more()
        if self._threads[1].is_alive():
            self._threads[1].join()

    def _listen(self) -> None:
        taker = self._woken.taker()
        while not self._is_stopping.is_set():
            if not taker.has_room:
                self._is_stopping.wait(LOOK_FOR_ROOM_EVERY)
                continue
            if not self._listener.listen():
                continue
            if self._is_stopping.is_set() or not taker.has_room:
                self._listener.leave_to_others()
                continue
            taker.ask()
            self._is_called.set()

    def _run(self) -> None:
        while True:
            self._is_called.wait()
            self._is_called.clear()
            if self._is_stopping.is_set():
                return
            try:
                if self._may_run(self._woken.by.name):
                    self._woken.by.apply(task_id=f"{RUN}{uuid4()}")
            except Error as error:  # of the database; the job's own are told by Celery
                logger.warning("A wake-up was in vain", reason=type(error).__name__)
            finally:
                connection.close()
