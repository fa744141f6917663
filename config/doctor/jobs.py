"""Whether the periodic jobs run, and what keeps messages from leaving."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django_celery_beat.models import PeriodicTask

from config import schedule
from config.doctor.findings import Finding, failed, ok, warning
from dispatch.models import ChannelPause, Tick
from notifications import send_window as window
from runtime.local_time import OSLO

# A job may run for ten seconds, and an idle run is noted every ten.
_GRACE = timedelta(seconds=30)
_INTERVALS = 3
# Where staff have given a job a time of day instead of an interval.
_ONCE_A_DAY = timedelta(days=1)
_NEW = timedelta(minutes=1)


def examine(*, now: datetime) -> list[Finding]:
    """Beat is alive if any job ended lately: its own record says only what it queued."""
    rows = {row.task: row for row in PeriodicTask.objects.select_related("interval")}
    ran = {tick.name: tick for tick in Tick.objects.all()}
    return [
        _beat(ran, now=now),
        *(_job(tick, rows.get(tick.task), ran.get(tick.task), now=now) for tick in schedule.TICKS),
    ]


def _beat(ran: Mapping[str, Tick], *, now: datetime) -> Finding:
    ended = [tick.ended_at for tick in ran.values() if tick.ended_at is not None]
    if ended and now - max(ended) < _GRACE:
        return ok("beat", "Periodic jobs are being run.")
    return failed(
        "beat",
        f"No periodic job has ended {_since(max(ended), now) if ended else 'yet'}.",
        "Start it: celery -A config beat. See broker and workers, too.",
    )


def _job(
    tick: schedule.Tick, row: PeriodicTask | None, last: Tick | None, *, now: datetime
) -> Finding:
    name = f"job {tick.task}"
    if row is None:
        return failed(name, "Is not installed.", "Run manage.py migrate.")
    if not row.enabled:
        return warning(name, "Is switched off.", "Switch it on among the periodic tasks.")
    if last is None or last.ended_at is None:
        if row.date_changed <= now < row.date_changed + _NEW:
            return warning(name, "Has not run yet.", "It is new: ask again in a minute.")
        return failed(name, "Has never ended.", f"See beat and the workers of {tick.queue}.")
    interval = row.interval.schedule.run_every if row.interval else _ONCE_A_DAY
    if now - last.ended_at > _INTERVALS * interval + _GRACE:
        says = f"Has not ended {_since(last.ended_at, now)}."
        return failed(name, says, f"See beat and the workers of {tick.queue}.")
    if not last.result.isdecimal():
        return failed(name, f"Its last run went wrong: {last.result}", "See the worker's log.")
    return ok(name, f"Ended {_ago(last.ended_at, now)}.")


def _until(pause: ChannelPause, now: datetime) -> str:
    if pause.has_no_end(now=now):
        return "until somebody resumes it"
    return f"until {pause.until.astimezone(OSLO):%Y-%m-%d %H:%M:%S} in Oslo"


def pauses(*, now: datetime) -> list[Finding]:
    paused = ChannelPause.objects.filter(until__gt=now).order_by("channel", "cause")
    return [
        warning(
            "pauses",
            f"{pause.channel} is paused {_until(pause, now)} ({pause.cause}): {pause.reason}",
            "Put right what it says; then resume the channel in the back office.",
        )
        for pause in paused
    ] or [ok("pauses", "No channel is paused.")]


def send_window(*, now: datetime) -> Finding:
    try:
        hours = window.daytime()
    except ValueError as error:
        return failed("send window", str(error), "Set SMS_SEND_WINDOW, such as 09:00-17:00.")
    if hours.is_open(now):
        return ok("send window", f"Open for SMS ({settings.SMS_SEND_WINDOW} in Oslo).")
    opens = hours.next_open(now).astimezone(OSLO)
    return ok("send window", f"Closed for SMS; opens {opens:%Y-%m-%d %H:%M} in Oslo.")


def _since(at: datetime, now: datetime) -> str:
    return f"for {_rounded(now - at)}"


def _ago(at: datetime, now: datetime) -> str:
    return f"{_rounded(now - at)} ago"


def _rounded(age: timedelta) -> timedelta:
    return timedelta(seconds=max(0, round(age.total_seconds())))
