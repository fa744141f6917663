"""The queues in these tables change all the time: vacuum and analyze them long before 20 %."""

from django.db import migrations

OFTEN = """
ALTER TABLE {table} SET (
    autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000,
    autovacuum_analyze_scale_factor = 0.02, autovacuum_analyze_threshold = 1000
)
"""
USUAL = """
ALTER TABLE {table} RESET (
    autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold,
    autovacuum_analyze_scale_factor, autovacuum_analyze_threshold
)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0001_notifications_and_status_feed"),
        ("orders", "0001_orders_and_their_creators"),
    ]

    operations = [
        migrations.RunSQL(OFTEN.format(table=table), USUAL.format(table=table))
        for table in ("notifications_notification", "orders_order")
    ]
