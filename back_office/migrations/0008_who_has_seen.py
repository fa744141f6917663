"""Who has seen whom; exporting unmasked, and changing jobs, are actions of their own."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('back_office', '0007_after_restore'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='staffaction',
            options={'default_permissions': ('view',), 'permissions': [('view_personal_data', 'Can see personal data unmasked, which is logged'), ('export', 'Can export lists'), ('export_unmasked', 'Can export lists with personal data unmasked'), ('resend', 'Can send notifications again'), ('resend_delivered', 'Can send again what was delivered'), ('override_reservation', 'Can send to somebody who is reserved'), ('cancel_order', 'Can cancel orders'), ('hold', 'Can hold, release and stop orders'), ('send_now', 'Can process and send now'), ('send_outside_window', 'Can send outside the send window'), ('pause_channel', 'Can pause and resume channels'), ('replay_reports', 'Can replay unmatched delivery reports'), ('manage_webhooks', 'Can pause and resume webhooks, and post again')], 'verbose_name': 'staff action', 'verbose_name_plural': 'staff actions'},
        ),
        migrations.AlterField(
            model_name='actionsubject',
            name='subject_type',
            field=models.CharField(choices=[('order', 'order'), ('notification', 'notification'), ('creator', 'service owner'), ('channel', 'channel'), ('report', 'delivery report'), ('list', 'list'), ('recipient', 'recipient'), ('webhook', 'webhook'), ('job', 'job')], max_length=12, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='staffaction',
            name='subject_type',
            field=models.CharField(choices=[('order', 'order'), ('notification', 'notification'), ('creator', 'service owner'), ('channel', 'channel'), ('report', 'delivery report'), ('list', 'list'), ('recipient', 'recipient'), ('webhook', 'webhook'), ('job', 'job')], max_length=12, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='staffaction',
            name='what',
            field=models.CharField(choices=[('Resent', 'Resent'), ('Cancelled', 'Cancelled'), ('Held', 'Held'), ('Released', 'Released'), ('Stopped', 'Stopped'), ('Hurried', 'Sent or processed now'), ('Paused', 'Channel paused'), ('Resumed', 'Channel resumed'), ('Replayed', 'Delivery reports replayed'), ('Unmasked', 'Personal data shown'), ('Exported', 'List exported'), ('JobTuned', 'Background job changed'), ('Purged', 'Personal data removed'), ('Suspended', 'Webhook paused'), ('Continued', 'Webhook resumed'), ('Reposted', 'Events posted again'), ('LookedUp', 'Looked up by the support dashboard'), ('Restored', 'Decided after a restore')], max_length=9, verbose_name='what'),
        ),
        migrations.CreateModel(
            name='Viewing',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('when', models.DateTimeField(verbose_name='when')),
                ('how', models.CharField(choices=[('Search', 'search'), ('Page', 'page, masked'), ('Unmasked', 'page, unmasked'), ('File', 'file, unmasked'), ('LookUp', 'look-up of the support dashboard')], max_length=9, verbose_name='how')),
                ('staff_name', models.TextField(verbose_name='name')),
                ('page', models.TextField(verbose_name='page')),
                ('case_reference', models.TextField(blank=True, default='', verbose_name='case reference')),
                ('staff', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name='who')),
            ],
            options={
                'verbose_name': 'viewing',
                'verbose_name_plural': 'viewings',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='PersonSeen',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('key', models.CharField(max_length=32)),
                ('viewing', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='persons', to='back_office.viewing')),
            ],
            options={
                'verbose_name': 'person seen',
                'verbose_name_plural': 'persons seen',
                'default_permissions': (),
            },
        ),
        migrations.AddIndex(
            model_name='viewing',
            index=models.Index(fields=['when'], name='viewing_when'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='viewing',
            trigger=pgtrigger.compiler.Trigger(name='never_changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='7844b740ea583f28ae4bbc8aa66884ae185dc81d', operation='UPDATE', pgid='pgtrigger_never_changed_74ed4', table='back_office_viewing', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='viewing',
            trigger=pgtrigger.compiler.Trigger(name='never_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'Cannot truncate table %: it is only ever added to', TG_TABLE_NAME;", hash='14e19bba40b61f2bfe8396bb146e084c9f061295', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_never_emptied_4b254', table='back_office_viewing', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='personseen',
            index=models.Index(fields=['key', 'viewing'], name='person_seen_key'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='personseen',
            trigger=pgtrigger.compiler.Trigger(name='never_changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='f609be132dc49e11253cbae2a01c015d088c4b92', operation='UPDATE', pgid='pgtrigger_never_changed_cd91e', table='back_office_personseen', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='personseen',
            trigger=pgtrigger.compiler.Trigger(name='never_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'Cannot truncate table %: it is only ever added to', TG_TABLE_NAME;", hash='bb8bfb2de23ecf3740569933da306d578111cb41', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_never_emptied_0c3e9', table='back_office_personseen', when='BEFORE')),
        ),
    ]
