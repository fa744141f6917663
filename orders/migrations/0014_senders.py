"""Who may send from where; the version before this one asks nobody."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0013_hold_new_orders'),
    ]

    operations = [
        migrations.CreateModel(
            name='Sender',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('Email', 'e-mail address'), ('Sms', 'SMS sender')], max_length=5, verbose_name='kind')),
                ('address', models.TextField(verbose_name='sender')),
                ('state', models.CharField(choices=[('Asked', 'Asked for'), ('Waiting', 'Waiting for DNS'), ('Verified', 'Verified'), ('Revoked', 'Revoked')], default='Asked', max_length=8, verbose_name='state')),
                ('state_at', models.DateTimeField(verbose_name='since')),
                ('created', models.DateTimeField(verbose_name='first asked for')),
                ('verified_at', models.DateTimeField(blank=True, null=True, verbose_name='first verified')),
                ('creator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='senders', to='orders.creator', verbose_name='service owner')),
            ],
            options={
                'verbose_name': 'sender',
                'verbose_name_plural': 'senders',
                'default_permissions': ('view',),
                'constraints': [models.UniqueConstraint(fields=('creator', 'kind', 'address'), name='sender_once'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'Verified'), _negated=True), ('verified_at__isnull', False), _connector='OR'), name='sender_verified_at_some_time')],
            },
        ),
    ]
