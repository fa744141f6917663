"""Files of e-mails; their links go when the order ends. The version before this one neither stores
nor sends any: it claims no notification of the new policy."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0011_find_logs_of_dialogs'),
    ]

    operations = [
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(help_text='As the request lists them, from 0.')),
                ('filename', models.TextField(verbose_name='file name')),
                ('mime_type', models.TextField(verbose_name='type')),
                ('link', models.TextField(blank=True, help_text='Where the file is fetched.', null=True)),
                ('link_expires_at', models.DateTimeField(verbose_name='link good until')),
                ('size', models.PositiveBigIntegerField(blank=True, help_text='In bytes.', null=True, verbose_name='size')),
            ],
            options={
                'verbose_name': 'attachment',
                'verbose_name_plural': 'attachments',
            },
        ),
        migrations.AlterField(
            model_name='order',
            name='email_sending_time_policy',
            field=models.CharField(choices=[('Anytime', 'At any time'), ('Daytime', 'In the send window'), ('Fetched', 'At any time, with its attachments')], db_default='Anytime', default='Anytime', help_text='Of its e-mails.', max_length=7),
        ),
        migrations.AlterField(
            model_name='order',
            name='sending_time_policy',
            field=models.CharField(choices=[('Anytime', 'At any time'), ('Daytime', 'In the send window'), ('Fetched', 'At any time, with its attachments')], default='Daytime', help_text='Of its SMS.', max_length=7),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='order',
            trigger=pgtrigger.compiler.Trigger(name='links_end_with_the_order', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.type = 'Composed' AND NEW.status IN ('Completed', 'SendConditionNotMet', 'Cancelled'))", func='UPDATE orders_attachment SET link = NULL WHERE order_id = NEW.id AND link IS NOT NULL; RETURN NULL;', hash='c4fdf23109be5e41d8b70ede743d71d0afe83832', operation='UPDATE OF "status"', pgid='pgtrigger_links_end_with_the_order_002da', table='orders_order', when='AFTER')),
        ),
        migrations.AddField(
            model_name='attachment',
            name='order',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='orders.order'),
        ),
        migrations.AddConstraint(
            model_name='attachment',
            constraint=models.UniqueConstraint(fields=('order', 'position'), name='attachment_has_its_place'),
        ),
    ]
