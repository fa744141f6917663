"""The roles of staff, and what each may do.

Support finds out what happened and puts single cases right. Operators keep the system running:
they stop and start what concerns many, and tune the periodic jobs and the service owners' settings.
Auditors see everything, masked, and change nothing.

Four permissions are in no group: `override_reservation`, `resend_delivered` and
`send_outside_window` each set aside what protects a recipient, from messages refused, from the
same message twice, from a telephone that rings at night; `export_unmasked` lets many persons' data
leave in a file. Whoever needs one gets it in person.
"""

from django.apps import apps as current_apps
from django.apps.registry import Apps
from django.db import DEFAULT_DB_ALIAS

FINDING = (
    "orders.view_order",
    "orders.view_creator",
    "orders.view_sender",
    "recipients.view_recipient",
    "notifications.view_notification",
    "notifications.view_statusfeedentry",
    "notifications.view_dailycount",
    "dispatch.view_deliveryreport",
    "dispatch.view_attempt",
    "dispatch.view_channelpause",
    "dispatch.view_channelincident",
    "dispatch.view_jobrun",
    "events.view_subscription",
    "events.view_delivery",
)

GROUPS = {
    "support": (
        *FINDING,
        "back_office.view_personal_data",
        "back_office.export",
        "back_office.resend",
        "back_office.cancel_order",
    ),
    "operator": (
        *FINDING,
        # Who resumes a channel is offered to send again what has expired meanwhile.
        "back_office.resend",
        "back_office.hold",
        "back_office.send_now",
        "back_office.pause_channel",
        "back_office.replay_reports",
        "back_office.manage_webhooks",
        "back_office.manage_senders",
        "orders.change_creator",
        "orders.view_creatorevent",
        "dispatch.view_channelpauseevent",
        "django_celery_beat.view_periodictask",
        "django_celery_beat.change_periodictask",
        "django_celery_beat.view_intervalschedule",
        "django_celery_beat.add_intervalschedule",
        "django_celery_beat.view_crontabschedule",
        "django_celery_beat.add_crontabschedule",
    ),
    "auditor": (
        *FINDING,
        "back_office.view_staffaction",
        "orders.view_creatorevent",
        "dispatch.view_channelpauseevent",
        "pghistory.view_context",
        "admin.view_logentry",
        "auth.view_user",
        "auth.view_group",
        "axes.view_accessattempt",
        "axes.view_accesslog",
        "django_celery_beat.view_periodictask",
        "django_celery_beat.view_intervalschedule",
        "django_celery_beat.view_crontabschedule",
    ),
}


def install(*, apps: Apps = current_apps, using: str = DEFAULT_DB_ALIAS, **kwargs: object) -> None:
    """Make the groups that are missing; runs after every `migrate`.

    A group is made once, when all its permissions exist, and is the installation's own from then
    on: whatever is added to it or taken from it stays so.
    """
    try:
        group_model = apps.get_model("auth", "Group")
        permission_model = apps.get_model("auth", "Permission")
    except LookupError:  # migrated back to before there were any
        return
    groups = group_model._default_manager.using(using)
    missing = GROUPS.keys() - set(groups.values_list("name", flat=True))
    if not missing:
        return
    rows = permission_model._default_manager.using(using).values_list(
        "content_type__app_label", "codename", "pk"
    )
    keys = {f"{app}.{codename}": key for app, codename, key in rows}
    for name in sorted(missing):
        if keys.keys() >= set(GROUPS[name]):
            groups.create(name=name).permissions.set([keys[one] for one in GROUPS[name]])
