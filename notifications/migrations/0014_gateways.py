"""Which of several gateways has a notification. The version before this one knows one gateway, and
gives it also what another may have: set GATEWAYS when that has ended."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0013_simulated'),
    ]

    operations = [
        migrations.AddField(
            model_name='notification',
            name='gateway',
            field=models.TextField(blank=True, help_text='Which was given it; one that waits is for this one alone.', null=True, verbose_name='gateway'),
        ),
    ]
