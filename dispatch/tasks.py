"""The jobs of sending, as Celery runs them; each is safe to run twice, late, or never."""

from dataclasses import astuple

from celery import shared_task
from celery.signals import worker_shutting_down

from dispatch.monitoring import job_runs
from dispatch.reports import delivery_reports
from dispatch.sending import sender
from dispatch.upkeep import months
from dispatch.upkeep.purge import purge_at_night
from dispatch.upkeep.sweep import sweep as sweep_once
from notifications import ready
from notifications.models import NotificationChannel
from runtime import clock
from runtime.jobs.runs import MAX_RUN, OneAtATime, turns
from runtime.jobs.woken import Woken

job_runs.connect()


@worker_shutting_down.connect
def stop(**kwargs: object) -> None:
    sender.claim_no_more()


@OneAtATime
def keeping_months() -> int:
    kept = months.keep(now=clock.now())
    return len(kept.added) + len(kept.sealed) + len(kept.detached)


@shared_task(name="dispatch.send_sms")
def send_sms() -> int | None:
    return sender.sender_for(NotificationChannel.SMS).drain(seconds=MAX_RUN.total_seconds())


@shared_task(name="dispatch.send_email")
def send_email() -> int | None:
    return sender.sender_for(NotificationChannel.EMAIL).drain(seconds=MAX_RUN.total_seconds())


@shared_task(name="dispatch.send_composed_email")
def send_composed_email() -> int | None:
    return sender.composed_sender().drain(seconds=MAX_RUN.total_seconds())


@OneAtATime
def applying() -> int:
    return turns(delivery_reports.apply_due, kind=delivery_reports.WAITING)


@OneAtATime
def sweeping() -> int:
    return sum(astuple(sweep_once(now=clock.now())))


@OneAtATime
def purging() -> int:
    return purge_at_night(now=clock.now(), seconds=MAX_RUN.total_seconds())


@shared_task(name="dispatch.apply_delivery_reports")
def apply_delivery_reports() -> int | None:
    return applying()


@shared_task(name="dispatch.sweep")
def sweep() -> int | None:
    return sweeping()


@shared_task(name="dispatch.keep_months")
def keep_months() -> int | None:
    return keeping_months()


@shared_task(name="dispatch.purge")
def purge() -> int | None:
    return purging()


WOKEN = (
    Woken(ready.SMS, by=send_sms, taker=lambda: sender.sender_for(NotificationChannel.SMS)),
    Woken(ready.EMAIL, by=send_email, taker=lambda: sender.sender_for(NotificationChannel.EMAIL)),
    Woken(ready.COMPOSED_EMAIL, by=send_composed_email, taker=sender.composed_sender),
    Woken(delivery_reports.WAITING, by=apply_delivery_reports, taker=lambda: applying),
)
