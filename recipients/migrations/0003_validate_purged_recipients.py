"""Validates the constraint while others read and write."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('recipients', '0002_purged_recipients'),
    ]

    operations = [
        ValidateConstraint(
            model_name='recipient', name='recipient_has_at_most_one_way_to_be_found'
        ),
    ]
