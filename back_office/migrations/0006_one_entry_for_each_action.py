"""What an action was about, where that is several things, and what came of it get tables of their own."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('back_office', '0005_webhooks'),
    ]

    operations = [
        migrations.CreateModel(
            name='ActionOutcome',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('action', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='ended', to='back_office.staffaction')),
                ('detail', models.JSONField(default=dict, verbose_name='outcome')),
            ],
            options={
                'verbose_name': 'outcome of an action',
                'verbose_name_plural': 'outcomes of actions',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='ActionSubject',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('action', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='subjects', to='back_office.staffaction')),
                ('subject_type', models.CharField(choices=[('order', 'order'), ('notification', 'notification'), ('creator', 'service owner'), ('channel', 'channel'), ('report', 'delivery report'), ('list', 'list'), ('recipient', 'recipient'), ('webhook', 'webhook')], max_length=12, verbose_name='kind')),
                ('subject_id', models.TextField(verbose_name='of what')),
            ],
            options={
                'verbose_name': 'subject of an action',
                'verbose_name_plural': 'subjects of actions',
                'default_permissions': (),
                'indexes': [models.Index(fields=['subject_type', 'subject_id', 'action'], name='action_subject_subject')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='actionoutcome',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='e023e0be2a367af5437f016948cea0d2e9c62970', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_295c5', table='back_office_actionoutcome', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='actionoutcome',
            trigger=pgtrigger.compiler.Trigger(name='never_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'Cannot truncate table %: it is only ever added to', TG_TABLE_NAME;", hash='d8b629afb857611dffaca6bc08bf313ff20e30a6', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_never_emptied_c5037', table='back_office_actionoutcome', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='actionsubject',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='636d234596cf55161ee8e087b6105bb7c3bc4b57', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_5c876', table='back_office_actionsubject', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='actionsubject',
            trigger=pgtrigger.compiler.Trigger(name='never_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'Cannot truncate table %: it is only ever added to', TG_TABLE_NAME;", hash='590a76785cd91f0c6c66431d3e6f45f439681832', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_never_emptied_c7295', table='back_office_actionsubject', when='BEFORE')),
        ),
    ]
