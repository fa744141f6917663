"""Who might see the pauses of channels may see what they cost, too."""

from django.apps.registry import Apps
from django.db import migrations


def let_see(apps: Apps, schema_editor: object) -> None:
    """On a database that is new there are no permissions yet, and nothing to do."""
    permissions = apps.get_model("auth", "Permission").objects
    content_types = apps.get_model("contenttypes", "ContentType").objects
    for known in permissions.filter(
        content_type__app_label="dispatch", codename="view_channelpause"
    ):
        incidents, _made = content_types.get_or_create(
            app_label="dispatch", model="channelincident"
        )
        new, _made = permissions.get_or_create(
            codename="view_channelincident",
            content_type=incidents,
            defaults={"name": "Can view incident"},
        )
        new.group_set.add(*known.group_set.all())
        new.user_set.add(*known.user_set.all())


class Migration(migrations.Migration):
    dependencies = [
        ("dispatch", "0012_channel_incidents"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunPython(let_see, migrations.RunPython.noop)]
