"""Jobs that are woken by what is ready run by themselves every five seconds, no longer every second.

Only where the schedule stands as it was installed: what operators have tuned stays as they want it.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.utils import timezone

SLOWER = [
    "dispatch.send_sms",
    "dispatch.send_email",
    "dispatch.send_composed_email",
    "dispatch.apply_delivery_reports",
]


def _change(apps: Apps, *, before: int, after: int) -> None:
    intervals = apps.get_model("django_celery_beat", "IntervalSchedule").objects
    jobs = apps.get_model("django_celery_beat", "PeriodicTask").objects
    as_installed = jobs.filter(
        task__in=SLOWER,
        interval__every=before,
        interval__period="seconds",
        expire_seconds=before,
        expires=None,
        one_off=False,
    )
    if not as_installed.exists():
        return
    interval, _made = intervals.get_or_create(every=after, period="seconds")
    as_installed.update(interval=interval, expire_seconds=after)
    # What beat goes by, to notice a change.
    apps.get_model("django_celery_beat", "PeriodicTasks").objects.update_or_create(
        ident=1, defaults={"last_update": timezone.now()}
    )


def slow_down(apps: Apps, schema_editor: object) -> None:
    _change(apps, before=1, after=5)


def speed_up(apps: Apps, schema_editor: object) -> None:
    _change(apps, before=5, after=1)


class Migration(migrations.Migration):

    dependencies = [
        ("dispatch", "0013_who_may_see_incidents"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(slow_down, speed_up)]
