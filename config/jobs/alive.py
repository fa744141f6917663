"""A worker's sign of life, for each of its queues; beat leaves its own.

It tells of the process alone: neither a broker nor a database that is away makes it silent, for a
restart would help neither.
"""

import threading
from typing import Protocol

import structlog
from celery import Celery, bootsteps

from runtime import alive

logger = structlog.get_logger(__name__)


class Worker(Protocol):
    """Celery's, as far as it is asked."""

    app: Celery


class Entry(Protocol):
    """Celery's, as far as it is asked: what is called over and over."""

    def cancel(self) -> None: ...


class Timer(Protocol):
    """Celery's, as far as it is asked."""

    def call_repeatedly(self, secs: float, fun: object, args: list[object]) -> Entry: ...


class Consumer(Protocol):
    """Celery's, as far as it is asked: what listens to the broker on the worker's main thread."""

    app: Celery
    timer: Timer


def sign(name: str) -> None:
    """What cannot be written costs no message: the process works on, and counts as silent."""
    try:
        alive.sign(name)
    except OSError as error:
        logger.warning("A sign of life cannot be left", name=name, error=str(error))


def sign_for_queues(app: Celery) -> None:
    for queue in app.amqp.queues.consume_from:
        sign(f"worker-{queue}")


_is_listening = threading.Event()


class SignsWhileListening(bootsteps.StartStopStep):
    """Of a consumer: from its main loop, which must move. Ends when the broker goes away."""

    requires = ("celery.worker.consumer.tasks:Tasks",)
    _timer: Entry | None = None

    def start(self, consumer: Consumer) -> None:
        _is_listening.set()
        sign_for_queues(consumer.app)
        self._timer = consumer.timer.call_repeatedly(alive.EVERY, sign_for_queues, [consumer.app])

    def stop(self, consumer: Consumer) -> None:
        _is_listening.clear()
        if self._timer is not None:
            self._timer.cancel()

    shutdown = stop


class SignsMeanwhile(bootsteps.StartStopStep):
    """Of a worker: from a thread, while the main loop waits for the broker to come (back)."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, worker: Worker, **options: object) -> None:
        super().__init__(worker, **options)
        self._has_ended = threading.Event()

    def start(self, worker: Worker) -> None:
        threading.Thread(target=self._run, args=[worker.app], name="alive", daemon=True).start()

    def stop(self, worker: Worker) -> None:
        self._has_ended.set()

    def terminate(self, worker: Worker) -> None:
        self._has_ended.set()

    def _run(self, app: Celery) -> None:
        while not self._has_ended.wait(alive.EVERY):
            if not _is_listening.is_set():
                sign_for_queues(app)
