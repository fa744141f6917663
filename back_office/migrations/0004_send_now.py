"""Who might hurry may send now, as it is called now.

Django makes a permission of a new name and gives it to nobody. The old one stays: the version before this one asks for
it while it still runs.
"""

from django.apps.registry import Apps
from django.db import migrations


def hand_on(apps: Apps, schema_editor: object) -> None:
    """On a database that is new there are no permissions yet, and nothing to do."""
    permissions = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="back_office"
    )
    for old in permissions.filter(codename="hurry"):
        new, _created = permissions.get_or_create(
            codename="send_now",
            content_type=old.content_type,
            defaults={"name": "Can process and send now"},
        )
        new.group_set.add(*old.group_set.all())
        new.user_set.add(*old.user_set.all())


class Migration(migrations.Migration):
    dependencies = [
        ("back_office", "0003_looked_up"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="staffaction",
            options={
                "default_permissions": ("view",),
                "permissions": [
                    ("view_personal_data", "Can see personal data unmasked, which is logged"),
                    ("export", "Can export lists"),
                    ("resend", "Can send notifications again"),
                    ("resend_delivered", "Can send again what was delivered"),
                    ("override_reservation", "Can send to somebody who is reserved"),
                    ("cancel_order", "Can cancel orders"),
                    ("hold", "Can hold, release and stop orders"),
                    ("send_now", "Can process and send now"),
                    ("send_outside_window", "Can send outside the send window"),
                    ("pause_channel", "Can pause and resume channels"),
                    ("replay_reports", "Can replay unmatched delivery reports"),
                ],
                "verbose_name": "staff action",
                "verbose_name_plural": "staff actions",
            },
        ),
        migrations.RunPython(hand_on, migrations.RunPython.noop),
    ]
