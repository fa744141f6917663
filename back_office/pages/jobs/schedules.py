"""How often the periodic jobs run, and whether they do."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext, gettext_lazy
from django_celery_beat import admin as beats_own
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from back_office.lists.read_only import DeskAdmin

# Importing beat's pages has registered them.
for _page in (
    beats_own.PeriodicTask,
    beats_own.ClockedSchedule,
    beats_own.CrontabSchedule,
    beats_own.IntervalSchedule,
    beats_own.SolarSchedule,
):
    admin.site.unregister(_page)


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(DeskAdmin[PeriodicTask]):
    """Which jobs there are is a matter of the code; when they run is the operators'."""

    list_display = ("job", "in_code", "enabled", "should_run", "queue", "last_run_at")
    list_filter = ("enabled", "queue")
    list_select_related = ("interval", "crontab", "solar", "clocked")
    search_fields = ("name", "task")
    fields = (
        "job",
        "in_code",
        "queue",
        "last_run_at",
        "enabled",
        "interval",
        "crontab",
        "expire_seconds",
    )
    readonly_fields = ("job", "in_code", "queue", "last_run_at")

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


class ScheduleAdmin(DeskAdmin[IntervalSchedule | CrontabSchedule]):
    """Schedules are shared between jobs: one that is needed is added, none is changed."""

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


admin.site.register([IntervalSchedule, CrontabSchedule], ScheduleAdmin)
