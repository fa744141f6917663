"""The periodic jobs: when each last ran, and how often it should."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_celery_beat.models import PeriodicTask

from back_office.lists import cells
from back_office.lists.listing import Listing
from back_office.lists.paging import Keyset
from dispatch.models import JobRun
from dispatch.monitoring import job_health
from dispatch.monitoring.job_health import JobHealth
from runtime import clock


@admin.register(JobRun)
class JobRunAdmin(Listing):
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
            row.job = job  # type: ignore[attr-defined]
            row.health = healths.get(row.name)  # type: ignore[attr-defined]

    @cells.column(gettext_lazy("job"))
    def job(self, row: JobRun) -> str:
        job: PeriodicTask | None = row.job  # type: ignore[attr-defined]
        return _(job.name) if job else row.name

    @cells.column(gettext_lazy("state"), is_label=True)
    def health(self, row: JobRun) -> Any:
        health: JobHealth | None = row.health  # type: ignore[attr-defined]
        if health is None or not health.is_on:
            return "", _("Off")
        if health.is_late:
            return "danger", _("Late")
        return ("danger", _("Failed")) if health.has_failed else ("success", _("On time"))

    @cells.column(gettext_lazy("last run"))
    def last_run(self, row: JobRun) -> Any:
        return cells.time(row.ran_at)

    @cells.column(gettext_lazy("age"))
    def age(self, row: JobRun) -> str:
        now = clock.now()
        last = row.ran_at
        if (seconds := int((now - last).total_seconds())) < 60:
            return _("%(seconds)s s") % {"seconds": max(seconds, 0)}
        return timesince(last, now)

    @cells.column(gettext_lazy("should run"))
    def schedule(self, row: JobRun) -> str:
        job: PeriodicTask | None = row.job  # type: ignore[attr-defined]
        return str(job.scheduler) if job else ""
