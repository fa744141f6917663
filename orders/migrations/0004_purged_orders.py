"""Orders may be purged: additive, and safe while the version before this one runs.

The looser constraint is checked for new rows only; the next migration sees to the old ones without
holding up writers.
"""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0003_hold_stop_and_creators_settings'),
    ]

    operations = [
        migrations.AddField(
            model_name='order',
            name='purged_at',
            field=models.DateTimeField(blank=True, help_text='When texts, addresses and identifiers were removed.', null=True),
        ),
        AddConstraintNotValid(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(('purged_at__isnull', False), models.Q(models.Q(('channel', 'Sms'), models.Q(('email_body__isnull', False), ('email_subject__isnull', False)), _connector='OR'), models.Q(('channel', 'Email'), ('sms_body__isnull', False), _connector='OR')), _connector='OR'), name='order_has_the_texts_until_purged'),
        ),
        migrations.RemoveConstraint(
            model_name='order',
            name='order_has_the_texts_of_its_channel',
        ),
    ]
