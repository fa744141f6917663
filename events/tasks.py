"""The jobs of webhooks, as Celery runs them; each is safe to run twice, late, or never."""

from celery import shared_task
from celery.signals import worker_shutting_down

from events.sending import sender
from runtime.jobs import MAX_RUN


@worker_shutting_down.connect
def stop(**kwargs: object) -> None:
    sender.claim_no_more()


@shared_task(name="events.deliver")
def deliver() -> int | None:
    return sender.sender().drain(seconds=MAX_RUN.total_seconds())
