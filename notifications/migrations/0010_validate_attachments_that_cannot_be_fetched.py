"""Validates the constraint while others read and write."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0009_attachments_that_cannot_be_fetched'),
    ]

    operations = [
        ValidateConstraint(model_name='notification', name='notification_status_fits_channel'),
    ]
