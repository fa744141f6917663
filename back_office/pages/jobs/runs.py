"""The periodic jobs: when each last ran, and how often it should."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import admin
from django.http import HttpRequest
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_celery_beat.models import PeriodicTask

from back_office.lists import cells
from back_office.lists.cells import Cell
from back_office.lists.listing import Beside, Listing
from back_office.lists.paging import Keyset
from dispatch.models import JobRun
from dispatch.monitoring import job_health
from dispatch.monitoring.job_health import JobHealth
from runtime import clock


@dataclass(frozen=True, slots=True)
class Listed:
    """What the list shows of a job beside its last run."""

    job: PeriodicTask | None
    health: JobHealth | None


_listed = Beside[JobRun, Listed]()


@admin.register(JobRun)
class JobRunAdmin(Listing[JobRun]):
    list_display = ("job", "health", "last_run", "age", "schedule", "result")
    list_explanation = gettext_lazy(
        "Runs that found nothing to do are noted every ten seconds. A job that never ran is not "
        "listed; the front page tells."
    )
    list_nothing = gettext_lazy("No job ever ran. Is the worker running, and beat?")

    def keyset(self, request: HttpRequest) -> Keyset:
        return Keyset(("started_at", "name"))

    def complete(self, rows: Sequence[JobRun]) -> None:
        """What each job is called, how often it should run, and how it is."""
        healths = {health.task: health for health in job_health.jobs(now=clock.now())}
        jobs = {
            job.task: job
            for job in PeriodicTask.objects.select_related(
                "interval", "crontab", "solar", "clocked"
            )
        }
        for row in rows:
            job = jobs.get(row.name)
            _listed.put(row, Listed(job, healths.get(row.name)))

    @cells.column(gettext_lazy("job"))
    def job(self, row: JobRun) -> str:
        job = _listed.of(row).job
        return _(job.name) if job else row.name

    @cells.column(gettext_lazy("state"), is_label=True)
    def health(self, row: JobRun) -> Cell:
        health = _listed.of(row).health
        if health is None or not health.is_on:
            return "", _("Off")
        if health.is_late:
            return "danger", _("Late")
        return ("danger", _("Failed")) if health.has_failed else ("success", _("On time"))

    @cells.column(gettext_lazy("last run"))
    def last_run(self, row: JobRun) -> Cell:
        return cells.time(row.ended_at or row.started_at)

    @cells.column(gettext_lazy("age"))
    def age(self, row: JobRun) -> str:
        now = clock.now()
        last = row.ran_at
        if (seconds := int((now - last).total_seconds())) < 60:
            return _("%(seconds)s s") % {"seconds": max(seconds, 0)}
        return timesince(last, now)

    @cells.column(gettext_lazy("should run"))
    def schedule(self, row: JobRun) -> str:
        job = _listed.of(row).job
        return str(job.scheduler) if job else ""
