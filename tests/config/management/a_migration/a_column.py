"""For the tests of `migrate` alone: adds a column to a table that is in use."""

from django.db import migrations


class Migration(migrations.Migration):
    operations = [
        migrations.RunSQL(
            "ALTER TABLE orders_creator ADD COLUMN of_a_test integer",
            "ALTER TABLE orders_creator DROP COLUMN of_a_test",
        )
    ]
