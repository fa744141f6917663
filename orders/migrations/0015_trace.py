"""The trace that placed an order; none of those that were placed before."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0014_senders'),
    ]

    operations = [
        migrations.AddField(
            model_name='order',
            name='trace_id',
            field=models.UUIDField(blank=True, editable=False, help_text='Of the request that placed the order: by it logs and traces are found.', null=True),
        ),
    ]
