"""A purged recipient has no way to be found; the looser constraint is checked for new rows only."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('recipients', '0001_recipients_of_orders'),
    ]

    operations = [
        AddConstraintNotValid(
            model_name='recipient',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('email_address', ''), ('mobile_number', ''), ('organization_number', '')), models.Q(('email_address', ''), ('mobile_number', ''), ('national_identity_number', '')), models.Q(('national_identity_number', ''), ('organization_number', '')), _connector='OR'), name='recipient_has_at_most_one_way_to_be_found'),
        ),
        migrations.RemoveConstraint(
            model_name='recipient',
            name='recipient_has_one_way_to_be_found',
        ),
    ]
