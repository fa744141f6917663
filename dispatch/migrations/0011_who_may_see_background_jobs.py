"""Who might see or change ticks may do so to background jobs, as they are called now.

Django makes permissions for a renamed model and gives them to nobody. The old ones stay: the
version before this one asks for them while it still runs.
"""

from django.apps.registry import Apps
from django.db import migrations

ACTIONS = ("add", "change", "delete", "view")


def hand_on(apps: Apps, schema_editor: object) -> None:
    """On a database that is new there are no permissions yet, and nothing to do."""
    permissions = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="dispatch"
    )
    for action in ACTIONS:
        for old in permissions.filter(codename=f"{action}_tick"):
            new, _made = permissions.get_or_create(
                codename=f"{action}_jobrun",
                content_type=old.content_type,
                defaults={"name": f"Can {action} background job"},
            )
            new.group_set.add(*old.group_set.all())
            new.user_set.add(*old.user_set.all())


class Migration(migrations.Migration):
    dependencies = [
        ("dispatch", "0010_words_of_the_desk"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunPython(hand_on, migrations.RunPython.noop)]
