"""How often the periodic jobs run, and whether they do."""

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, gettext_lazy
from django_celery_beat import admin as beats_own
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask
from unfold.widgets import UnfoldAdminTextInputWidget

from back_office.audit import log
from back_office.audit.fields import ReasonField
from back_office.audit.log import Actor, Why
from back_office.audit.staff import staff_of
from back_office.lists.read_only import DeskAdmin
from back_office.models import StaffAction
from config.jobs.schedule import PERIODIC_JOBS
from runtime import clock

# Importing beat's pages has registered them.
for _page in (
    beats_own.PeriodicTask,
    beats_own.ClockedSchedule,
    beats_own.CrontabSchedule,
    beats_own.IntervalSchedule,
    beats_own.SolarSchedule,
):
    admin.site.unregister(_page)


JOBS = {job.task: job for job in PERIODIC_JOBS}
_TUNED = ("enabled", "interval", "crontab", "expire_seconds")


class JobForm(forms.ModelForm[PeriodicTask]):
    """Asks why; a job without which notifications are lost is not switched off here."""

    reason = ReasonField(
        label=gettext_lazy("Reason for the change"),
        help_text=gettext_lazy("Kept in the audit log with your name and the time."),
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
    )

    class Meta:
        model = PeriodicTask
        fields = _TUNED

    def clean_enabled(self) -> bool:
        is_on: bool = self.cleaned_data["enabled"]
        job = JOBS.get(self.instance.task)
        if not is_on and job is not None and job.is_core:
            raise forms.ValidationError(
                gettext(
                    "This job cannot be switched off: pause the channel, or hold the service owner."
                )
            )
        return is_on


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(DeskAdmin[PeriodicTask]):
    """Which jobs there are is a matter of the code; when they run is the operators'."""

    form = JobForm

    list_display = ("job", "in_code", "enabled", "should_run", "queue", "last_run_at")
    list_filter = ("enabled", "queue")
    list_select_related = ("interval", "crontab", "solar", "clocked")
    search_fields = ("name", "task")
    fields = (
        "job",
        "in_code",
        "queue",
        "last_run_at",
        "stops",
        *_TUNED,
    )
    readonly_fields = ("job", "in_code", "queue", "last_run_at", "stops")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PeriodicTask]:
        """Ours: a Celery that keeps no results has nothing of its own to do."""
        return super().get_queryset(request).exclude(task__startswith="celery.")

    def get_fields(self, request: HttpRequest, obj: PeriodicTask | None = None) -> tuple[str, ...]:
        """Who may change nothing is asked for no reason."""
        may_change = self.has_change_permission(request, obj)
        return (*self.fields, "reason") if may_change else self.fields

    def save_model(
        self, request: HttpRequest, obj: PeriodicTask, form: JobForm, change: bool
    ) -> None:
        """With an audit entry that tells each old and new value."""
        before = PeriodicTask.objects.get(pk=obj.pk)
        changes = {
            name: [_in_words(getattr(before, name)), _in_words(getattr(obj, name))]
            for name in _TUNED
            if name in form.changed_data
        }
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            log.record(
                StaffAction.What.JOB_CHANGED,
                by=Actor.of(staff_of(request)),
                why=Why(form.cleaned_data["reason"]),
                subject=StaffAction.Subject.JOB,
                subject_id=obj.task,
                detail={"changes": changes},
                now=clock.now(),
            )

    @admin.display(description=gettext_lazy("while it is off or slow"))
    def stops(self, task: PeriodicTask) -> str:
        job = JOBS.get(task.task)
        return gettext(job.stops) if job else ""

    @admin.display(description=gettext_lazy("job"), ordering="name")
    def job(self, task: PeriodicTask) -> str:
        return gettext(str(task.name))

    @admin.display(description=gettext_lazy("name in the code"), ordering="task")
    def in_code(self, task: PeriodicTask) -> str:
        return str(task.task)

    @admin.display(description=gettext_lazy("should run"))
    def should_run(self, task: PeriodicTask) -> str:
        return str(task.scheduler)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def _in_words(value: object) -> object:
    """As the log can hold it."""
    return value if value is None or isinstance(value, bool | int) else str(value)


class ScheduleAdmin(DeskAdmin[IntervalSchedule | CrontabSchedule]):
    """Schedules are shared between jobs: one that is needed is added, none is changed."""

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


admin.site.register([IntervalSchedule, CrontabSchedule], ScheduleAdmin)
