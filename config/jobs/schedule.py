"""Which periodic job runs how often, on which queue.

They are rows of django-celery-beat, made once after `migrate` and never overwritten, so that
operators may tune or switch them off in the admin.
"""

from dataclasses import dataclass

from django.apps import apps as current_apps
from django.apps.registry import Apps
from django.utils.translation import gettext_noop as _


@dataclass(frozen=True, slots=True)
class PeriodicJob:
    """One periodic job; a run that was not picked up within its interval is dropped."""

    task: str
    seconds: int
    queue: str
    about: str
    """Its name in the database; staff read it in their language."""
    stops: str
    """What does not happen while it is off or slow, for the same readers."""
    is_core: bool = False
    """Without it notifications are lost or late: no page switches it off."""


WOKEN = 5
"""Seconds between the runs of a job that is woken by whoever makes something ready: so long waits
what nobody was told of. Orders fall due by the clock, and are looked for each second."""

PERIODIC_JOBS = [
    PeriodicJob(
        "notifications.check_send_conditions",
        1,
        "processing",
        _("Send conditions of due orders"),
        _("Orders with a send condition wait."),
        is_core=True,
    ),
    PeriodicJob(
        "notifications.process_past_due_orders",
        1,
        "processing",
        _("Past-due orders to notifications"),
        _("No order becomes notifications: nothing new is sent."),
        is_core=True,
    ),
    PeriodicJob(
        "dispatch.send_sms",
        WOKEN,
        "dispatch-sms",
        _("Ready SMS to the gateway"),
        _("No SMS leaves; what waits expires in time."),
        is_core=True,
    ),
    PeriodicJob(
        "dispatch.send_email",
        WOKEN,
        "dispatch-email",
        _("Ready e-mails to the mail server"),
        _("No e-mail leaves; what waits expires in time."),
        is_core=True,
    ),
    PeriodicJob(
        "dispatch.send_composed_email",
        WOKEN,
        "dispatch-email",
        _("Ready e-mails with attachments to the mail server"),
        _("No e-mail with attachments leaves."),
        is_core=True,
    ),
    PeriodicJob(
        "events.deliver",
        WOKEN,
        "events",
        _("Events to the webhooks of service owners"),
        _("Service owners' webhooks are told of nothing; it is made up for later."),
    ),
    PeriodicJob(
        "dispatch.apply_delivery_reports",
        WOKEN,
        "maintenance",
        _("Delivery reports to their notifications"),
        _("Delivery reports wait: nothing becomes delivered, and service owners hear nothing."),
        is_core=True,
    ),
    PeriodicJob(
        "dispatch.sweep",
        30,
        "maintenance",
        _("Lapsed leases, expired messages, orders left behind"),
        _("What a worker that died had in hand stays, and nothing expires."),
        is_core=True,
    ),
    PeriodicJob(
        "notifications.count_days",
        60,
        "maintenance",
        _("Orders and notifications of each day"),
        _("Statistics and the front page stand still."),
    ),
    PeriodicJob(
        "events.forget",
        60,
        "maintenance",
        _("Deliveries to webhooks past their period"),
        _("Deliveries to webhooks are kept longer than their period."),
    ),
    PeriodicJob(
        "back_office.forget_views",
        60,
        "maintenance",
        _("Who has seen whom, past its period, and ended sessions"),
        _("Who has seen whom, and sessions that ended, are kept longer than their period."),
    ),
    PeriodicJob(
        "dispatch.keep_months",
        60,
        "maintenance",
        _("Months that notifications are partitioned by"),
        _("Where they are: no month is made any more; months later nothing can be stored."),
    ),
    PeriodicJob(
        "dispatch.purge",
        30,
        "maintenance",
        _("Personal data past its period, at night"),
        _("Personal data is kept longer than its period."),
    ),
]


def install(*, apps: Apps = current_apps, **kwargs: object) -> None:
    """Make those that are missing; runs after every `migrate`.

    Django's post_migrate signal brings the `apps` of that moment, `flush` brings none.
    """
    interval_model = apps.get_model("django_celery_beat", "IntervalSchedule")
    task_model = apps.get_model("django_celery_beat", "PeriodicTask")
    task_model.objects.filter(task="celery.backend_cleanup").delete()  # no results are kept
    for job in PERIODIC_JOBS:
        interval, _made = interval_model.objects.get_or_create(every=job.seconds, period="seconds")
        task_model.objects.get_or_create(
            name=job.about,
            defaults={
                "task": job.task,
                "interval": interval,
                "queue": job.queue,
                "expire_seconds": job.seconds,
            },
        )
