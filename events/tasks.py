"""The jobs of webhooks, as Celery runs them; each is safe to run twice, late, or never."""

from celery import shared_task
from celery.signals import worker_shutting_down

from events import upkeep
from events.sending import sender
from runtime.jobs import MAX_RUN, one_at_a_time, turns


@worker_shutting_down.connect
def stop(**kwargs: object) -> None:
    sender.claim_no_more()


@shared_task(name="events.deliver")
def deliver() -> int | None:
    return sender.sender().drain(seconds=MAX_RUN.total_seconds())


@shared_task(name="events.forget")
@one_at_a_time
def forget() -> int:
    return turns(upkeep.forget)
