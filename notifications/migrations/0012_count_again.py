"""Every hour is counted again, for what is new in the daily counts; and who sees notifications may
see how many there were.

A worker of the version before cannot read what an hour has added by now: it counts nothing wrong,
but fails until it is replaced.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

COUNT_AGAIN = """
UPDATE notifications_countedhour SET next_count_at = counted_at
WHERE next_count_at IS NULL AND counted_at IS NOT NULL
"""


def count_again(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    schema_editor.execute(COUNT_AGAIN)


def let_see(apps: Apps, schema_editor: object) -> None:
    """On a database that is new there are no permissions yet, and nothing to do."""
    permissions = apps.get_model("auth", "Permission").objects
    content_types = apps.get_model("contenttypes", "ContentType").objects
    for known in permissions.filter(
        content_type__app_label="notifications", codename="view_notification"
    ):
        counts, _made = content_types.get_or_create(app_label="notifications", model="dailycount")
        new, _made = permissions.get_or_create(
            codename="view_dailycount",
            content_type=counts,
            defaults={"name": "Can view daily count"},
        )
        new.group_set.add(*known.group_set.all())
        new.user_set.add(*known.user_set.all())


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0011_sent_and_unfinished"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.RunPython(count_again, migrations.RunPython.noop),
        migrations.RunPython(let_see, migrations.RunPython.noop),
    ]
