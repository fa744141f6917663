"""Makes the indexes while others read and write."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('orders', '0010_find_orders_of_a_chain'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='orderchain',
            index=models.Index(condition=models.Q(('transmission_id__isnull', False)), fields=['transmission_id'], name='chain_of_transmission'),
        ),
        AddIndexConcurrently(
            model_name='orderchain',
            index=models.Index(condition=models.Q(('dialog_id__isnull', False)), fields=['created', 'id'], name='chain_with_a_log'),
        ),
    ]
