"""Operators may have test events posted; and who finds out may look at webhooks, where the role is as it was shipped.

A role that an installation has changed is its own: it gets nothing.
"""

from django.apps.registry import Apps
from django.db import migrations, models

SEEING = {"events.view_subscription", "events.view_delivery"}
NEW = {
    "support": SEEING,
    "operator": SEEING | {"back_office.manage_webhooks"},
    "auditor": SEEING,
}
FINDING = """
    orders.view_order orders.view_creator recipients.view_recipient notifications.view_notification
    notifications.view_statusfeedentry notifications.view_dailycount dispatch.view_deliveryreport dispatch.view_attempt
    dispatch.view_channelpause dispatch.view_channelincident dispatch.view_jobrun
"""
# As the version before this app of webhooks had them.
SHIPPED = {
    "support": FINDING + """
        back_office.view_personal_data back_office.export back_office.resend back_office.cancel_order
    """,
    "operator": FINDING + """
        back_office.resend back_office.hold back_office.send_now back_office.pause_channel back_office.replay_reports
        orders.change_creator orders.view_creatorevent dispatch.view_channelpauseevent
        django_celery_beat.view_periodictask django_celery_beat.change_periodictask
        django_celery_beat.view_intervalschedule django_celery_beat.add_intervalschedule
        django_celery_beat.view_crontabschedule django_celery_beat.add_crontabschedule
    """,
    "auditor": FINDING + """
        back_office.view_staffaction orders.view_creatorevent dispatch.view_channelpauseevent pghistory.view_context
        admin.view_logentry auth.view_user auth.view_group axes.view_accessattempt axes.view_accesslog
        django_celery_beat.view_periodictask django_celery_beat.view_intervalschedule
        django_celery_beat.view_crontabschedule
    """,
}
# Permissions of former names, which stay beside those of the new ones.
FORMER = {"back_office.hurry", "dispatch.view_tick"}


def hand_on(apps: Apps, schema_editor: object) -> None:
    """On a database that is new there are no roles yet, and nothing to do."""
    groups = apps.get_model("auth", "Group").objects.filter(name__in=NEW)
    for group in groups:
        held = {f"{app}.{name}" for app, name in group.permissions.values_list("content_type__app_label", "codename")}
        if held - FORMER - NEW[group.name] == set(SHIPPED[group.name].split()):
            group.permissions.add(*[_permission(apps, one) for one in sorted(NEW[group.name] - held)])


def _permission(apps: Apps, name: str) -> object:
    """Django makes those that are missing after all migrations: too late for this one."""
    app, _, codename = name.partition(".")
    model = "staffaction" if app == "back_office" else codename.removeprefix("view_")
    kind, _created = apps.get_model("contenttypes", "ContentType").objects.get_or_create(app_label=app, model=model)
    permission, _created = apps.get_model("auth", "Permission").objects.get_or_create(
        codename=codename, content_type=kind, defaults={"name": NAMES[codename]}
    )
    return permission


NAMES = {
    "view_subscription": "Can view webhook",
    "view_delivery": "Can view webhook delivery",
    "manage_webhooks": "Can pause and resume webhooks, and post again",
}


class Migration(migrations.Migration):
    dependencies = [
        ("back_office", "0007_after_restore"),
        ("events", "0001_webhooks"),
        ("dispatch", "0013_who_may_see_incidents"),
        ("notifications", "0012_count_again"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.AlterField(
            model_name='staffaction',
            name='what',
            field=models.CharField(choices=[('Resent', 'Resent'), ('Cancelled', 'Cancelled'), ('Held', 'Held'), ('Released', 'Released'), ('Stopped', 'Stopped'), ('Hurried', 'Sent or processed now'), ('Paused', 'Channel paused'), ('Resumed', 'Channel resumed'), ('Replayed', 'Delivery reports replayed'), ('Unmasked', 'Personal data shown'), ('Exported', 'List exported'), ('Purged', 'Personal data removed'), ('Suspended', 'Webhook paused'), ('Continued', 'Webhook resumed'), ('Reposted', 'Events posted again'), ('Tested', 'Test event posted'), ('LookedUp', 'Looked up by the support dashboard'), ('Restored', 'Decided after a restore')], max_length=9, verbose_name='what'),
        ),
        migrations.RunPython(hand_on, migrations.RunPython.noop),
    ]
