"""The job that forgets who has seen whom, and sessions that have ended, as Celery runs it; it is
safe to run twice, late, or never."""

from celery import shared_task
from django.contrib.sessions.models import Session

from back_office.audit import seen
from runtime import clock
from runtime.jobs.runs import OneAtATime


@OneAtATime
def forgetting() -> int:
    now = clock.now()
    Session.objects.filter(expire_date__lt=now).delete()
    return seen.forget(now=now)


@shared_task(name="back_office.forget_views")
def forget_views() -> int | None:
    return forgetting()
