"""How each periodic job is: when it last ran, whether it is late, whether its last run failed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django_celery_beat.models import PeriodicTask

from dispatch.models import JobRun

LATE_AFTER = timedelta(seconds=60)
"""Idle runs are noted every ten seconds only, and a busy worker may drop a run."""


@dataclass(frozen=True, slots=True)
class JobHealth:
    """`every` is None where the job runs at a time of day. One that is switched off is never
    late."""

    task: str
    about: str
    every: timedelta | None
    is_on: bool
    is_late: bool
    run: JobRun | None

    @property
    def ran_at(self) -> datetime | None:
        """None where it never ran."""
        return self.run.ran_at if self.run else None

    @property
    def has_failed(self) -> bool:
        """Whether its last run ended in an error."""
        return self.run is not None and self.run.has_failed


def jobs(*, now: datetime) -> list[JobHealth]:
    """All that are installed, by their names; not those of Celery itself."""
    runs = JobRun.objects.in_bulk()
    rows = PeriodicTask.objects.select_related("interval", "crontab").order_by("name")
    ours = rows.exclude(task__startswith="celery.")
    return [_health(row, runs.get(row.task), now=now) for row in ours]


def _health(row: PeriodicTask, run: JobRun | None, *, now: datetime) -> JobHealth:
    """Late is what should have run a minute ago."""
    every = row.interval.schedule.run_every if row.interval else None
    schedule = row.schedule
    schedule.nowfun = lambda: now
    overdue = -schedule.remaining_estimate(run.ran_at if run else _expected_since(row, every))
    return JobHealth(
        row.task,
        row.name,
        every=every,
        is_on=row.enabled,
        is_late=row.enabled and overdue > LATE_AFTER,
        run=run,
    )


def _expected_since(row: PeriodicTask, every: timedelta | None) -> datetime:
    """Of a job that never ran. Once beat has queued it, beat renews `date_changed` and the last run
    over and over: how long ago that began is told by how often it was queued."""
    changed: datetime = row.date_changed
    queued: datetime | None = row.last_run_at
    if queued is None:
        return changed
    return queued - (row.total_run_count * every if every else LATE_AFTER)
