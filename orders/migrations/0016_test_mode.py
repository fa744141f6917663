"""What a service owner orders may be a test. The version before this one places and sends it as if
it were meant: put nobody into test mode before that has ended."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0015_trace'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='creator',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='creator',
            name='update_update',
        ),
        migrations.AddField(
            model_name='creator',
            name='is_in_test_mode',
            field=models.BooleanField(db_default=False, default=False, help_text='What it orders from now on leaves only to the addresses below; the rest is simulated, also if the mode ends before. What was ordered earlier is sent.', verbose_name='in test mode'),
        ),
        migrations.AddField(
            model_name='creator',
            name='test_mode_allows',
            field=models.TextField(blank=True, db_default='', default='', help_text='Numbers (+47...), e-mail addresses, or @domain; each on a line of its own.', verbose_name='in test mode it is sent to'),
        ),
        migrations.AddField(
            model_name='creatorevent',
            name='is_in_test_mode',
            field=models.BooleanField(db_default=False, default=False, help_text='What it orders from now on leaves only to the addresses below; the rest is simulated, also if the mode ends before. What was ordered earlier is sent.', verbose_name='in test mode'),
        ),
        migrations.AddField(
            model_name='creatorevent',
            name='test_mode_allows',
            field=models.TextField(blank=True, db_default='', default='', help_text='Numbers (+47...), e-mail addresses, or @domain; each on a line of its own.', verbose_name='in test mode it is sent to'),
        ),
        migrations.AddField(
            model_name='order',
            name='is_test',
            field=models.BooleanField(db_default=False, default=False, help_text='Placed in test mode: it leaves to allowed addresses only.', verbose_name='test'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='creator',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "orders_creatorevent" ("contact", "created", "default_email_sender", "default_sms_sender", "id", "is_active", "is_in_test_mode", "new_orders_held_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recipients_per_minute", "requests_per_minute", "short_name", "test_mode_allows") VALUES (NEW."contact", NEW."created", NEW."default_email_sender", NEW."default_sms_sender", NEW."id", NEW."is_active", NEW."is_in_test_mode", NEW."new_orders_held_at", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."recipients_per_minute", NEW."requests_per_minute", NEW."short_name", NEW."test_mode_allows"); RETURN NULL;', hash='c31af84211fa242494455b437840897355e4a6c4', operation='INSERT', pgid='pgtrigger_insert_insert_22b5f', table='orders_creator', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='creator',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "orders_creatorevent" ("contact", "created", "default_email_sender", "default_sms_sender", "id", "is_active", "is_in_test_mode", "new_orders_held_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recipients_per_minute", "requests_per_minute", "short_name", "test_mode_allows") VALUES (NEW."contact", NEW."created", NEW."default_email_sender", NEW."default_sms_sender", NEW."id", NEW."is_active", NEW."is_in_test_mode", NEW."new_orders_held_at", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."recipients_per_minute", NEW."requests_per_minute", NEW."short_name", NEW."test_mode_allows"); RETURN NULL;', hash='73fe5917079e73759fb4080efcba4912acb9f9b3', operation='UPDATE', pgid='pgtrigger_update_update_f68cf', table='orders_creator', when='AFTER')),
        ),
    ]
