"""Runs the jobs of a worker's queues when they are called, beside the runs that beat hands out."""

import threading
import time
from collections.abc import Iterator
from typing import Protocol

from celery import Celery, bootsteps
from celery.signals import worker_shutting_down
from django_celery_beat.models import PeriodicTask

from config.jobs.schedule import PERIODIC_JOBS
from dispatch import tasks as sending
from events import tasks as telling
from notifications import tasks as processing
from runtime.jobs.woken import Loop, Woken

LOOK_EVERY = 2.0
"""How long it may go unnoticed that staff have switched a job off, as with beat. Seconds."""

QUEUES = {job.task: job.queue for job in PERIODIC_JOBS}


class SwitchedOff:
    """The jobs that staff have switched off: these are not woken either."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._look_at = 0.0
        self._tasks: frozenset[str] = frozenset()

    def may_run(self, task: str) -> bool:
        with self._lock:
            now = time.monotonic()
            if now >= self._look_at:
                off = PeriodicTask.objects.filter(enabled=False)
                self._tasks = frozenset(off.values_list("task", flat=True))
                self._look_at = now + LOOK_EVERY
            return task not in self._tasks


class Worker(Protocol):
    """Celery's, as far as it is asked."""

    app: Celery
    pool_cls: type


class Waking(bootsteps.StartStopStep):
    """Begins and ends with the worker. Only in one of threads: others' processes are forked."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, worker: Worker, **options: object) -> None:
        super().__init__(worker, **options)
        self._loops: list[Loop] = []
        worker_shutting_down.connect(self._begin_no_more)

    def include_if(self, worker: Worker) -> bool:
        return "thread" in worker.pool_cls.__module__

    def start(self, worker: Worker) -> None:
        switched_off = SwitchedOff()
        self._loops = [
            Loop(woken, may_run=switched_off.may_run)
            for woken in woken_by(set(worker.app.amqp.queues.consume_from))
        ]
        for loop in self._loops:
            loop.start()

    def stop(self, worker: Worker) -> None:
        for loop in self._loops:
            loop.begin_no_more()
        for loop in self._loops:
            loop.stop()

    def terminate(self, worker: Worker) -> None:
        """At once: what is under way is lost with the process, and found by its lease."""
        self._begin_no_more()

    def _begin_no_more(self, **_signal: object) -> None:
        for loop in self._loops:
            loop.begin_no_more()


def woken_by(queues: set[str]) -> Iterator[Woken]:
    """The jobs of these queues that can be woken."""
    for woken in (*processing.WOKEN, *sending.WOKEN, *telling.WOKEN):
        if QUEUES[woken.by.name] in queues:
            yield woken
