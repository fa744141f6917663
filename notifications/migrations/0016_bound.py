"""Which notifications wait for one gateway alone: asked often, and nearly always none."""

from django.db import migrations, models

from runtime.database.partitioned_indexes import AddIndexToPartitions


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("notifications", "0015_months")]

    operations = [
        AddIndexToPartitions(
            model_name="notification",
            index=models.Index(
                fields=["channel", "gateway"],
                condition=models.Q(status="New", gateway__isnull=False),
                name="notification_bound",
            ),
        ),
    ]
