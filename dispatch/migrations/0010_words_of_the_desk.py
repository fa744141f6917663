"""Failed attempts and unmatched reports are called so; no column changes."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('dispatch', '0009_job_runs'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='attempt',
            options={'verbose_name': 'failed attempt', 'verbose_name_plural': 'failed attempts'},
        ),
        migrations.AlterField(
            model_name='deliveryreport',
            name='is_uncertain',
            field=models.BooleanField(db_default=False, default=False, help_text='It says that nothing is known of the notification.', verbose_name='says nothing'),
        ),
        migrations.AlterField(
            model_name='deliveryreport',
            name='state',
            field=models.CharField(choices=[('Waiting', 'Looking for its notification'), ('Applied', 'Applied'), ('Dead', 'Unmatched')], default='Waiting', max_length=7, verbose_name='state'),
        ),
    ]
