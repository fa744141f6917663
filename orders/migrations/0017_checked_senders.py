"""What the DNS said of a sender at its last check. The version before this one checks none."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0016_test_mode'),
    ]

    operations = [
        migrations.AddField(
            model_name='sender',
            name='checked_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='last checked'),
        ),
        migrations.AddField(
            model_name='sender',
            name='findings',
            field=models.JSONField(db_default=[], default=list, help_text='Codes, at the last check.', verbose_name='found in the DNS'),
        ),
    ]
