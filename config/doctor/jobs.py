"""Whether the periodic jobs run, and what keeps messages from leaving."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings

from config.jobs import schedule
from config.jobs.schedule import PeriodicJob
from dispatch.models import ChannelPause
from dispatch.monitoring import gone_gateways, job_health
from dispatch.monitoring.job_health import JobHealth
from events import backlog
from notifications import send_window as window
from runtime.findings import Finding, failed, ok, warning
from runtime.local_time import LOCAL_TIME

_EVENTS_ARE_LATE_AFTER = timedelta(minutes=5)
_BEAT_IS_DOWN_AFTER = timedelta(seconds=30)
"""A job may run for ten seconds, and an idle run is noted every ten."""


def examine(*, now: datetime) -> list[Finding]:
    """Beat is alive if any job ran lately: its own record says only what it queued."""
    healths = job_health.jobs(now=now)
    of_task = {health.task: health for health in healths}
    return [
        _beat(healths, now=now),
        *(_job(job, of_task.get(job.task), now=now) for job in schedule.PERIODIC_JOBS),
    ]


def _beat(healths: Sequence[JobHealth], *, now: datetime) -> Finding:
    ran = [health.ran_at for health in healths if health.ran_at is not None]
    if ran and now - max(ran) < _BEAT_IS_DOWN_AFTER:
        return ok("beat", "Periodic jobs are being run.")
    return failed(
        "beat",
        f"No periodic job has ended {_since(max(ran), now) if ran else 'yet'}.",
        "Start it: celery -A config beat. See broker and workers, too.",
    )


def _job(job: PeriodicJob, health: JobHealth | None, *, now: datetime) -> Finding:
    name = f"job {job.task}"
    if health is None:
        return failed(name, "Is not installed.", "Run manage.py migrate.")
    if not health.is_on:
        return warning(name, "Is switched off.", "Switch it on among the periodic tasks.")
    if health.is_late:
        ran = _since(health.ran_at, now) if health.ran_at else "yet"
        return failed(name, f"Has not ended {ran}.", f"See beat and the workers of {job.queue}.")
    if health.run is None:
        return warning(name, "Has not run yet.", "It is new: ask again in a minute.")
    if health.has_failed:
        says = f"Its last run went wrong: {health.run.result}"
        return failed(name, says, "See the worker's log.")
    return ok(name, f"Ended {_ago(health.run.ran_at, now)}.")


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(LOCAL_TIME):%Y-%m-%d %H:%M:%S} in Oslo"


def _until(pause: ChannelPause, now: datetime) -> str:
    if pause.has_no_end(now=now):
        return "until somebody resumes it"
    if pause.is_probing(now=now):
        return "until a message that goes ahead gets through"
    return f"until {_local(pause.until)}"


def pauses(*, now: datetime) -> list[Finding]:
    paused = ChannelPause.objects.in_force(now=now).order_by("channel", "cause")
    return [
        warning(
            "pauses",
            f"{pause.channel} is paused {_until(pause, now)} ({pause.cause}): {pause.reason}",
            "Put right what it says; then resume the channel in the back office.",
        )
        for pause in paused
    ] or [ok("pauses", "No channel is paused.")]


def gateways_that_are_gone() -> list[Finding]:
    return [
        failed(
            "gateways",
            f"{one.notifications} {one.channel} wait for gateway {one.gateway}, which the settings"
            f" do not name; the first expires {_local(one.first_expiry)}.",
            f"Name {one.gateway} in GATEWAYS again, with WEIGHT 0, until they have left; they are"
            " given to no other, since it may have them.",
        )
        for one in gone_gateways.waited_for()
    ] or [ok("gateways", "No notification waits for one that is gone.")]


def webhooks(*, now: datetime) -> Finding:
    """Whether events are posted; of those that fail, their owners are to know."""
    found = backlog.webhooks(now=now)
    if found.late > _EVENTS_ARE_LATE_AFTER:
        says = f"Events wait for {_rounded(found.late)}."
        return failed("webhooks", says, "See the workers of events.")
    if found.given_up:
        says = f"{found.given_up} paused since nothing was delivered for three days."
        return warning("webhooks", says, "Tell their service owners; then resume them.")
    if found.active + found.failing and not settings.WEBHOOK_KEYS:
        return failed("webhooks", "WEBHOOK_KEYS is not set.", "Set it: nothing can be signed.")
    return ok("webhooks", f"{found.active} active, {found.failing} failing.")


def send_window(*, now: datetime) -> Finding:
    try:
        hours = window.daytime()
    except ValueError as error:
        return failed("send window", str(error), "Set SMS_SEND_WINDOW, such as 09:00-17:00.")
    if hours.is_open(now):
        return ok("send window", f"Open for SMS ({settings.SMS_SEND_WINDOW} in Oslo).")
    opens = hours.next_open(now).astimezone(LOCAL_TIME)
    return ok("send window", f"Closed for SMS; opens {opens:%Y-%m-%d %H:%M} in Oslo.")


def _since(at: datetime, now: datetime) -> str:
    return f"for {_rounded(now - at)}"


def _ago(at: datetime, now: datetime) -> str:
    return f"{_rounded(now - at)} ago"


def _rounded(age: timedelta) -> timedelta:
    return timedelta(seconds=max(0, round(age.total_seconds())))
