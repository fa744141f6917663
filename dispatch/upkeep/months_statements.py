"""What keeping the months tells PostgreSQL; see `months`."""

LIMIT = "SELECT set_config('lock_timeout', %(limit)s, true)"

MONTHS = """
SELECT
    month.relname, pg_get_expr(month.relpartbound, month.oid),
    promise.oid IS NOT NULL, coalesce(promise.convalidated, false)
FROM pg_inherits
JOIN pg_class AS month ON month.oid = pg_inherits.inhrelid
LEFT JOIN pg_constraint AS promise
    ON promise.conrelid = month.oid AND promise.conname = 'notification_month_is_over'
WHERE pg_inherits.inhparent = 'notifications_notification'::regclass
"""

ADD = "SELECT notifications_add_month(%(first)s::date)"

SEAL = "SELECT notifications_seal_month(%(month)s)"

DETACH = "SELECT notifications_detach_month(%(month)s)"

IS_OPEN = """
SELECT EXISTS (
    SELECT FROM notifications_notification
    WHERE id >= %(lowest)s AND id < %(end)s AND finished_at IS NULL
)
"""

# Each by an index that holds nothing but such rows.
IS_NEEDED = """
SELECT
    EXISTS (
        SELECT FROM notifications_notification
        WHERE id >= %(lowest)s AND id < %(end)s AND normalized_address <> ''
    )
    OR EXISTS (
        SELECT FROM notifications_notification
        WHERE id >= %(lowest)s AND id < %(end)s AND national_identity_number <> ''
    )
    OR EXISTS (
        SELECT FROM notifications_notification
        WHERE id >= %(lowest)s AND id < %(end)s AND organization_number <> ''
    )
    OR EXISTS (
        SELECT FROM notifications_notification
        WHERE id >= %(end)s AND resend_of_id >= %(lowest)s AND resend_of_id < %(end)s
    )
"""

DELETE_ATTEMPTS = """
DELETE FROM dispatch_attempt WHERE id IN (
    SELECT id FROM dispatch_attempt
    WHERE notification_id >= %(lowest)s AND notification_id < %(end)s
    LIMIT %(limit)s
)
"""

DELETE_REPORTS = """
DELETE FROM dispatch_deliveryreport WHERE id IN (
    SELECT id FROM dispatch_deliveryreport
    WHERE notification_id >= %(lowest)s AND notification_id < %(end)s
    LIMIT %(limit)s
)
"""

FORGET_HOURS = "DELETE FROM notifications_countedhour WHERE hour < %(end)s"
