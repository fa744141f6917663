"""The job of the audit log, as Celery runs it; it is safe to run twice, late, or never."""

from celery import shared_task

from back_office.audit import seen
from runtime import clock
from runtime.jobs import OneAtATime


@OneAtATime
def forgetting() -> int:
    return seen.forget(now=clock.now())


@shared_task(name="back_office.forget_views")
def forget_views() -> int | None:
    return forgetting()
