"""What a service owner orders from now on may be held. The version before this one holds it too, by the
trigger, but sends instant messages all the same: begin no such hold before it has ended."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0012_attachments'),
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
            name='new_orders_held_at',
            field=models.DateTimeField(blank=True, help_text='Orders placed since then are held, each from its placement on.', null=True, verbose_name='new orders held since'),
        ),
        migrations.AddField(
            model_name='creatorevent',
            name='new_orders_held_at',
            field=models.DateTimeField(blank=True, help_text='Orders placed since then are held, each from its placement on.', null=True, verbose_name='new orders held since'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='creator',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "orders_creatorevent" ("contact", "created", "default_email_sender", "default_sms_sender", "id", "is_active", "new_orders_held_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recipients_per_minute", "requests_per_minute", "short_name") VALUES (NEW."contact", NEW."created", NEW."default_email_sender", NEW."default_sms_sender", NEW."id", NEW."is_active", NEW."new_orders_held_at", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."recipients_per_minute", NEW."requests_per_minute", NEW."short_name"); RETURN NULL;', hash='7fd4ad13817ed7ce2b5f46949ee1e15af7405f02', operation='INSERT', pgid='pgtrigger_insert_insert_22b5f', table='orders_creator', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='creator',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "orders_creatorevent" ("contact", "created", "default_email_sender", "default_sms_sender", "id", "is_active", "new_orders_held_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recipients_per_minute", "requests_per_minute", "short_name") VALUES (NEW."contact", NEW."created", NEW."default_email_sender", NEW."default_sms_sender", NEW."id", NEW."is_active", NEW."new_orders_held_at", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."recipients_per_minute", NEW."requests_per_minute", NEW."short_name"); RETURN NULL;', hash='abc1ba654e111dbfb0a2f3d06cad7c6294628936', operation='UPDATE', pgid='pgtrigger_update_update_f68cf', table='orders_creator', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='order',
            trigger=pgtrigger.compiler.Trigger(name='held_from_placement', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM pg_advisory_xact_lock_shared(x'686F6C64'::int, NEW.creator_id::int); NEW.held_at := coalesce(NEW.held_at, (SELECT new_orders_held_at FROM orders_creator WHERE id = NEW.creator_id)); RETURN NEW;", hash='899648c974d16a9f4ace9fb4ad4c60630caf6430', operation='INSERT', pgid='pgtrigger_held_from_placement_15da5', table='orders_order', when='BEFORE')),
        ),
    ]
