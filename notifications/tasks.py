"""The jobs of processing, as Celery runs them; each is safe to run twice, late, or never."""

from celery import shared_task

from notifications.conditions import check
from notifications.counting import hours
from notifications.expansion import expand
from orders.ready import DUE_CONDITIONS, DUE_ORDERS
from runtime import clock
from runtime.jobs.runs import MAX_RUN, OneAtATime, turns
from runtime.jobs.woken import Woken


@OneAtATime
def processing() -> int:
    return turns(expand.process_past_due_orders, kind=DUE_ORDERS, full=expand.ORDERS_PER_TURN)


@OneAtATime
def counting() -> int:
    return turns(hours.count_next)


@shared_task(name="notifications.check_send_conditions")
def check_send_conditions() -> int | None:
    return check.check_send_conditions(seconds=MAX_RUN.total_seconds(), clock=clock.now)


@shared_task(name="notifications.process_past_due_orders")
def process_past_due_orders() -> int | None:
    return processing()


@shared_task(name="notifications.count_days")
def count_days() -> int | None:
    return counting()


WOKEN = (
    Woken(DUE_CONDITIONS, by=check_send_conditions, taker=lambda: check.inquiry),
    Woken(DUE_ORDERS, by=process_past_due_orders, taker=lambda: processing),
)
