"""The jobs of processing, as Celery runs them; each is safe to run twice, late, or never."""

import threading
import time
from collections.abc import Callable
from functools import wraps

from celery import shared_task

from notifications.conditions import check
from notifications.counting import hours
from notifications.expansion import expand
from runtime import clock

SECONDS = 10.0


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
    """Take turns while they find something to do, for some seconds; returns how much they found."""
    until = time.monotonic() + SECONDS
    total = 0
    while time.monotonic() < until:
        found: int = turn(now=clock.now())
        if not found:
            break
        total += found
    return total


@shared_task(name="notifications.check_send_conditions")
def check_send_conditions() -> int | None:
    return check.check_send_conditions(seconds=SECONDS, clock=clock.now)


@shared_task(name="notifications.process_past_due_orders")
@one_at_a_time
def process_past_due_orders() -> int:
    return turns(expand.process_past_due_orders)


@shared_task(name="notifications.count_days")
@one_at_a_time
def count_days() -> int:
    return turns(hours.count_next)
