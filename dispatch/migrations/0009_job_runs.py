"""Ticks are called runs of periodic jobs, and keep their table; a failure is a column of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0008_never_emptied")]

    operations = [
        migrations.AlterModelTable(name="tick", table="dispatch_tick"),
        migrations.RenameModel(old_name="Tick", new_name="JobRun"),
        migrations.AlterModelOptions(
            name="jobrun",
            options={
                "verbose_name": "background job",
                "verbose_name_plural": "background jobs",
            },
        ),
        migrations.AddField(
            model_name="jobrun",
            name="failed_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="last failed"),
        ),
    ]
