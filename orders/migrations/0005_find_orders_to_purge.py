"""Validates the constraint, and makes the index, while others read and write."""

from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('orders', '0004_purged_orders'),
    ]

    operations = [
        ValidateConstraint(model_name='order', name='order_has_the_texts_until_purged'),
        AddIndexConcurrently(
            model_name='order',
            index=models.Index(condition=models.Q(('purged_at__isnull', True), ('status__in', ('Completed', 'SendConditionNotMet', 'Cancelled'))), fields=['status_at'], name='order_to_purge'),
        ),
    ]
