"""That no gateway was asked. The version before this one asks one also for test recipients."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0012_count_again'),
    ]

    operations = [
        migrations.AddField(
            model_name='notification',
            name='is_simulated',
            field=models.BooleanField(db_default=False, default=False, help_text='No gateway was asked: nothing was sent.', verbose_name='simulated'),
        ),
    ]
