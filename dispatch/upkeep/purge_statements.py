"""What a purge tells PostgreSQL; see `purging`.

Statuses stand in the statements as written, so that a prepared one can use the partial index.
"""

_PURGEABLE = """
purged_at IS NULL
AND status IN ('Completed', 'SendConditionNotMet', 'Cancelled')
AND status_at < %(before)s
"""

COUNT = f"""
SELECT
    (SELECT count(*) FROM orders_order WHERE {_PURGEABLE}),
    (
        SELECT count(*) FROM dispatch_deliveryreport
        WHERE state = 'Dead' AND received < %(before)s
    )
"""  # noqa: S608

NEXT_ORDERS = f"""
SELECT id FROM orders_order WHERE {_PURGEABLE} ORDER BY status_at LIMIT %(limit)s
"""  # noqa: S608

LOCK_ENDED = f"""
SELECT id FROM orders_order
WHERE id = ANY(%(orders)s::uuid[]) AND {_PURGEABLE}
ORDER BY id FOR NO KEY UPDATE
"""  # noqa: S608

# In the order of an index, whatever the number of rows. The lowest UUID stands for "none yet".
NOTIFICATIONS = """
SELECT order_id, id FROM notifications_notification
WHERE order_id = ANY(%(orders)s::uuid[])
    AND (order_id, id) > (
        coalesce(%(after_order)s, '00000000-0000-0000-0000-000000000000'::uuid),
        coalesce(%(after)s, '00000000-0000-0000-0000-000000000000'::uuid)
    )
ORDER BY order_id, id
LIMIT %(limit)s
"""

RECIPIENTS = """
SELECT order_id, id FROM recipients_recipient
WHERE order_id = ANY(%(orders)s::uuid[])
    AND (order_id, id) > (
        coalesce(%(after_order)s, '00000000-0000-0000-0000-000000000000'::uuid),
        coalesce(%(after)s, 0::bigint)
    )
ORDER BY order_id, id
LIMIT %(limit)s
"""

LOCK_NOTIFICATIONS = """
SELECT count(*) FROM (
    SELECT FROM notifications_notification
    WHERE id = ANY(%(ids)s::uuid[])
    ORDER BY id FOR NO KEY UPDATE
) AS held
"""

# Those whose addresses a log still tells.
TOLD_BY_A_LOG = """
SELECT o.id FROM orders_order o JOIN orders_orderchain c ON c.id = o.chain_id
WHERE o.id = ANY(%(orders)s::uuid[])
    AND c.dialog_id IS NOT NULL
    AND o.status_at >= coalesce(%(dialogs_before)s, '-infinity'::timestamptz)
"""

EMPTY_NOTIFICATIONS = """
UPDATE notifications_notification
SET address = CASE WHEN order_id = ANY(%(told)s::uuid[]) THEN address ELSE '' END,
    normalized_address = '', national_identity_number = '', organization_number = '',
    subject = NULL, body = NULL, reason = '', gateway_reference = NULL
WHERE id = ANY(%(ids)s::uuid[])
    AND finished_at IS NOT NULL
    AND (
        (address <> '' AND order_id <> ALL(%(told)s::uuid[]))
        OR normalized_address <> '' OR national_identity_number <> ''
        OR organization_number <> '' OR subject IS NOT NULL OR body IS NOT NULL OR reason <> ''
        OR gateway_reference IS NOT NULL
    )
"""

EMPTY_REPORTS = """
UPDATE dispatch_deliveryreport
SET reference = '', report = '{}'
WHERE notification_id = ANY(%(ids)s::uuid[])
    AND notification_id IS NOT NULL
    AND (reference <> '' OR report <> '{}')
"""

EMPTY_ATTEMPTS = """
UPDATE dispatch_attempt
SET reference = '', reason = ''
WHERE notification_id = ANY(%(ids)s::uuid[]) AND (reference <> '' OR reason <> '')
"""

EMPTY_RECIPIENTS = """
UPDATE recipients_recipient
SET national_identity_number = '', organization_number = '', email_address = '',
    mobile_number = '', external_identity = ''
WHERE id = ANY(%(ids)s::bigint[])
    AND (
        national_identity_number <> '' OR organization_number <> '' OR email_address <> ''
        OR mobile_number <> '' OR external_identity <> ''
    )
"""

EMPTY_FEED = """
UPDATE notifications_statusfeedentry
SET recipients = (
    SELECT coalesce(jsonb_agg(told.entry - 'destination' ORDER BY told.place), '[]')
    FROM jsonb_array_elements(recipients) WITH ORDINALITY AS told (entry, place)
)
WHERE order_id = ANY(%(orders)s::uuid[])
"""

# Their links went when the order ended.
EMPTY_ATTACHMENTS = """
UPDATE orders_attachment SET filename = ''
WHERE order_id = ANY(%(orders)s::uuid[]) AND filename <> ''
"""

EMPTY_ORDERS = """
UPDATE orders_order
SET email_subject = NULL, email_body = NULL, sms_body = NULL, condition_endpoint = NULL,
    condition_note = '', reason = '', purged_at = %(now)s
WHERE id = ANY(%(orders)s::uuid[])
"""

# What the log of a dialog tells, chain by chain. A chain may be old and a reminder of it young.
NEXT_DIALOGS = """
SELECT c.id, c.created FROM orders_orderchain c
WHERE c.dialog_id IS NOT NULL
    AND c.created < %(before)s
    AND (c.created, c.id) > (
        coalesce(%(after_created)s, '-infinity'::timestamptz),
        coalesce(%(after)s, '00000000-0000-0000-0000-000000000000'::uuid)
    )
ORDER BY c.created, c.id
LIMIT %(limit)s
"""

ENDED_DIALOGS = """
SELECT c.id FROM orders_orderchain c
WHERE c.id = ANY(%(chains)s::uuid[]) AND NOT EXISTS (
    SELECT FROM orders_order o
    WHERE o.chain_id = c.id AND (o.purged_at IS NULL OR o.status_at >= %(before)s)
)
"""

ORDERS_OF_CHAINS = """
SELECT id FROM orders_order WHERE chain_id = ANY(%(chains)s::uuid[])
"""

EMPTY_ADDRESSES = """
UPDATE notifications_notification SET address = ''
WHERE id = ANY(%(ids)s::uuid[]) AND finished_at IS NOT NULL AND address <> ''
"""

EMPTY_DIALOGS = """
UPDATE orders_orderchain SET dialog_id = NULL, transmission_id = NULL
WHERE id = ANY(%(chains)s::uuid[])
"""

DELETE_DEAD_REPORTS = """
DELETE FROM dispatch_deliveryreport WHERE id IN (
    SELECT id FROM dispatch_deliveryreport
    WHERE state = 'Dead' AND received < %(before)s
    ORDER BY received LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
"""
