"""Recipients whom another log-in names: additive, and safe while the version before this one runs.

The new constraint is checked for new rows only; the next migration sees to the old ones.
"""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('recipients', '0004_references_unchecked_where_written_together'),
    ]

    operations = [
        migrations.AddField(
            model_name='recipient',
            name='external_identity',
            field=models.TextField(blank=True, db_default='', default='', help_text='The URN of somebody without a national identity number, as given by the caller.'),
        ),
        AddConstraintNotValid(
            model_name='recipient',
            constraint=models.CheckConstraint(condition=models.Q(('external_identity', ''), models.Q(('email_address', ''), ('mobile_number', ''), ('national_identity_number', ''), ('organization_number', '')), _connector='OR'), name='recipient_with_external_identity_has_nothing_else'),
        ),
    ]
