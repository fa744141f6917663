"""The jobs of processing, as Celery runs them; each is safe to run twice, late, or never."""

from celery import shared_task

from notifications.conditions import check
from notifications.counting import hours
from notifications.expansion import expand
from runtime import clock
from runtime.jobs import MAX_RUN, one_at_a_time, turns


@shared_task(name="notifications.check_send_conditions")
def check_send_conditions() -> int | None:
    return check.check_send_conditions(seconds=MAX_RUN.total_seconds(), clock=clock.now)


@shared_task(name="notifications.process_past_due_orders")
@one_at_a_time
def process_past_due_orders() -> int:
    return turns(expand.process_past_due_orders)


@shared_task(name="notifications.count_days")
@one_at_a_time
def count_days() -> int:
    return turns(hours.count_next)
