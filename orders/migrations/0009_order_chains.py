"""Orders may belong to a chain: additive, and safe while the version before this one runs.

The new constraint is checked for new rows only; the next migration sees to the old ones.
"""

import django.db.models.deletion
import runtime.uuid7
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0008_never_emptied'),
    ]

    operations = [
        migrations.AddField(
            model_name='order',
            name='chain_position',
            field=models.PositiveSmallIntegerField(blank=True, help_text='0 is the main order, then come its reminders.', null=True),
        ),
        migrations.AddField(
            model_name='order',
            name='email_sending_time_policy',
            field=models.CharField(choices=[('Anytime', 'At any time'), ('Daytime', 'In the send window')], db_default='Anytime', default='Anytime', help_text='Of its e-mails.', max_length=7),
        ),
        migrations.AddField(
            model_name='order',
            name='use_stale_contact_information',
            field=models.BooleanField(db_default=False, default=False, help_text='Whether addresses that a person has not confirmed for 18 months may be used.'),
        ),
        migrations.AlterField(
            model_name='order',
            name='sending_time_policy',
            field=models.CharField(choices=[('Anytime', 'At any time'), ('Daytime', 'In the send window')], default='Daytime', help_text='Of its SMS.', max_length=7),
        ),
        migrations.AlterField(
            model_name='order',
            name='type',
            field=models.CharField(choices=[('Notification', 'Notification'), ('Reminder', 'Reminder'), ('Instant', 'Instant'), ('Composed', 'E-mail with attachments')], default='Notification', max_length=12),
        ),
        migrations.CreateModel(
            name='OrderChain',
            fields=[
                ('id', models.UUIDField(default=runtime.uuid7.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('Chain', 'Order with reminders'), ('Instant', 'Instant'), ('Composed', 'E-mail with attachments')], max_length=8)),
                ('idempotency_id', models.TextField()),
                ('dialog_id', models.TextField(blank=True, help_text='The dialog in Dialogporten that the orders are about.', null=True)),
                ('transmission_id', models.TextField(blank=True, help_text='The transmission within that dialog.', null=True)),
                ('created', models.DateTimeField()),
                ('creator', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='orders.creator', verbose_name='service owner')),
            ],
            options={
                'verbose_name': 'order chain',
                'verbose_name_plural': 'order chains',
            },
        ),
        migrations.AddField(
            model_name='order',
            name='chain',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='orders.orderchain'),
        ),
        AddConstraintNotValid(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('chain__isnull', True), ('chain_position__isnull', True)), models.Q(('chain__isnull', False), ('chain_position__isnull', False)), _connector='OR'), name='order_of_chain_has_its_place'),
        ),
        migrations.AddIndex(
            model_name='orderchain',
            index=models.Index(condition=models.Q(('dialog_id__isnull', False)), fields=['dialog_id'], name='chain_of_dialog'),
        ),
        migrations.AddConstraint(
            model_name='orderchain',
            constraint=models.UniqueConstraint(fields=('idempotency_id', 'creator', 'kind'), name='chain_of_idempotency_id'),
        ),
    ]
