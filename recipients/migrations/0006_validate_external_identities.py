"""Validates the constraint while others read and write."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('recipients', '0005_external_identities'),
    ]

    operations = [
        ValidateConstraint(
            model_name='recipient', name='recipient_with_external_identity_has_nothing_else'
        ),
    ]
