"""The jobs of sending, as Celery runs them; each is safe to run twice, late, or never."""

from dataclasses import astuple

from celery import shared_task
from celery.signals import worker_shutting_down

from dispatch.monitoring import job_runs
from dispatch.reports import delivery_reports
from dispatch.sending import sender
from dispatch.upkeep import purge as purging
from dispatch.upkeep import sweep as sweeping
from notifications.models import NotificationChannel
from runtime import clock
from runtime.jobs import MAX_RUN, one_at_a_time, turns

job_runs.connect()


@worker_shutting_down.connect
def stop(**kwargs: object) -> None:
    sender.claim_no_more()


@shared_task(name="dispatch.send_sms")
def send_sms() -> int | None:
    return sender.sender_for(NotificationChannel.SMS).drain(seconds=MAX_RUN.total_seconds())


@shared_task(name="dispatch.send_email")
def send_email() -> int | None:
    return sender.sender_for(NotificationChannel.EMAIL).drain(seconds=MAX_RUN.total_seconds())


@shared_task(name="dispatch.send_composed_email")
def send_composed_email() -> int | None:
    return sender.composed_sender().drain(seconds=MAX_RUN.total_seconds())


@shared_task(name="dispatch.apply_delivery_reports")
@one_at_a_time
def apply_delivery_reports() -> int:
    return turns(delivery_reports.apply_due)


@shared_task(name="dispatch.sweep")
@one_at_a_time
def sweep() -> int:
    swept = sweeping.sweep(now=clock.now())
    return sum(astuple(swept))


@shared_task(name="dispatch.purge")
@one_at_a_time
def purge() -> int:
    return purging.purge_at_night(now=clock.now(), seconds=MAX_RUN.total_seconds())
