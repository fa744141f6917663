"""Staff register senders of service owners."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('back_office', '0009_staff_identity'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='staffaction',
            options={'default_permissions': ('view',), 'permissions': [('view_personal_data', 'Can see personal data unmasked, which is logged'), ('export', 'Can export lists'), ('export_unmasked', 'Can export lists with personal data unmasked'), ('resend', 'Can send notifications again'), ('resend_delivered', 'Can send again what was delivered'), ('override_reservation', 'Can send to somebody who is reserved'), ('cancel_order', 'Can cancel orders'), ('hold', 'Can hold, release and stop orders'), ('send_now', 'Can process and send now'), ('send_outside_window', 'Can send outside the send window'), ('pause_channel', 'Can pause and resume channels'), ('replay_reports', 'Can replay unmatched delivery reports'), ('manage_webhooks', 'Can pause and resume webhooks, and post again'), ('manage_senders', 'Can register, verify and revoke senders')], 'verbose_name': 'staff action', 'verbose_name_plural': 'staff actions'},
        ),
        migrations.AlterField(
            model_name='actionsubject',
            name='subject_type',
            field=models.CharField(choices=[('order', 'order'), ('notification', 'notification'), ('creator', 'service owner'), ('channel', 'channel'), ('report', 'delivery report'), ('list', 'list'), ('recipient', 'recipient'), ('webhook', 'webhook'), ('job', 'job'), ('sender', 'sender')], max_length=12, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='staffaction',
            name='subject_type',
            field=models.CharField(choices=[('order', 'order'), ('notification', 'notification'), ('creator', 'service owner'), ('channel', 'channel'), ('report', 'delivery report'), ('list', 'list'), ('recipient', 'recipient'), ('webhook', 'webhook'), ('job', 'job'), ('sender', 'sender')], max_length=12, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='staffaction',
            name='what',
            field=models.CharField(choices=[('Resent', 'Resent'), ('Cancelled', 'Cancelled'), ('Held', 'Held'), ('Released', 'Released'), ('Stopped', 'Stopped'), ('Hurried', 'Sent or processed now'), ('Paused', 'Channel paused'), ('Resumed', 'Channel resumed'), ('Replayed', 'Delivery reports replayed'), ('Unmasked', 'Personal data shown'), ('Exported', 'List exported'), ('JobTuned', 'Background job changed'), ('Purged', 'Personal data removed'), ('Suspended', 'Webhook paused'), ('Continued', 'Webhook resumed'), ('Reposted', 'Events posted again'), ('LookedUp', 'Looked up by the support dashboard'), ('Restored', 'Decided after a restore'), ('Asked', 'Sender asked for'), ('Checked', 'Sender checked'), ('Verified', 'Sender verified'), ('Revoked', 'Sender revoked')], max_length=9, verbose_name='what'),
        ),
    ]
