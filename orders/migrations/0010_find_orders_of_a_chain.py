"""Validates the constraint, and makes the index, while others read and write."""

from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('orders', '0009_order_chains'),
    ]

    operations = [
        ValidateConstraint(model_name='order', name='order_of_chain_has_its_place'),
        AddIndexConcurrently(
            model_name='order',
            index=models.Index(condition=models.Q(('chain__isnull', False)), fields=['chain', 'chain_position'], name='order_of_chain'),
        ),
    ]
