"""The jobs of webhooks, as Celery runs them; each is safe to run twice, late, or never."""

from celery import shared_task
from celery.signals import worker_shutting_down

from events import upkeep
from events.sending import sender
from notifications.ready import ENTRIES
from runtime.jobs.runs import MAX_RUN, OneAtATime, turns
from runtime.jobs.woken import Woken


@worker_shutting_down.connect
def stop(**kwargs: object) -> None:
    sender.claim_no_more()


@shared_task(name="events.deliver")
def deliver() -> int | None:
    return sender.sender().drain(seconds=MAX_RUN.total_seconds())


@OneAtATime
def forgetting() -> int:
    return turns(upkeep.forget)


@shared_task(name="events.forget")
def forget() -> int | None:
    return forgetting()


WOKEN = (Woken(ENTRIES, by=deliver, taker=sender.sender),)
