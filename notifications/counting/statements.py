"""What counting tells PostgreSQL; see `hours`."""

# Hours that are due, and those of late changes. What another has just counted is counted once more,
# and adds nothing.
NEXT_DUE = """
WITH due AS (
    (
        SELECT hour FROM notifications_countedhour
        WHERE next_count_at IS NOT NULL AND next_count_at <= %(now)s
        ORDER BY next_count_at LIMIT 100
    )
    UNION
    SELECT hour FROM notifications_latechange
)
SELECT hour FROM notifications_countedhour
WHERE hour = ANY(ARRAY(SELECT hour FROM due))
ORDER BY hour DESC LIMIT 1
FOR UPDATE SKIP LOCKED
"""

LAST_BEGUN = "SELECT max(hour) FROM notifications_countedhour"

FIRST_MADE = """
SELECT least(
    (SELECT id FROM notifications_notification WHERE id >= %(low)s ORDER BY id LIMIT 1),
    (SELECT id FROM orders_order WHERE id >= %(low)s ORDER BY id LIMIT 1)
)
"""

BEGIN = """
INSERT INTO notifications_countedhour (hour, counts, next_count_at)
VALUES (%(hour)s, '{}', %(now)s)
ON CONFLICT (hour) DO NOTHING
"""

FORGET_LATE_CHANGES = "DELETE FROM notifications_latechange WHERE hour = %(hour)s"

BEFORE = "SELECT counts FROM notifications_countedhour WHERE hour = %(hour)s"

# By order first, so that each order is looked up once, however many notifications it has. What was
# simulated cost nothing, and reached nobody; of tests that which was really sent counts.
NOTIFICATIONS = """
SELECT
    (o.requested_send_time AT TIME ZONE 'UTC')::date,
    of_order.creator_id, of_order.channel, of_order.status, of_order.to_gateway,
    of_order.to_delivery, sum(of_order.notifications)::bigint, sum(of_order.segments)::bigint,
    sum(of_order.unfinished)::bigint, max(of_order.last_result_at)
FROM (
    SELECT
        n.order_id, n.creator_id, n.channel, n.status,
        width_bucket(
            extract(epoch FROM n.sent_at - n.created)::float8, %(bounds)s::float8[]
        ) AS to_gateway,
        CASE n.status WHEN 'Delivered' THEN width_bucket(
            extract(epoch FROM n.finished_at - n.sent_at)::float8, %(bounds)s::float8[]
        ) END AS to_delivery,
        count(*) AS notifications,
        coalesce(sum(n.segments), 0) AS segments,
        count(*) FILTER (WHERE n.finished_at IS NULL) AS unfinished,
        max(n.status_at) FILTER (WHERE n.finished_at IS NOT NULL) AS last_result_at
    FROM notifications_notification n
    WHERE n.id >= %(low)s AND n.id < %(high)s AND NOT n.is_simulated
    GROUP BY 1, 2, 3, 4, 5, 6
) AS of_order
JOIN orders_order o ON o.id = of_order.order_id
WHERE NOT o.is_test OR of_order.to_gateway IS NOT NULL
GROUP BY 1, 2, 3, 4, 5, 6
"""

ORDERS = """
SELECT (requested_send_time AT TIME ZONE 'UTC')::date, creator_id, count(*)
FROM orders_order
WHERE id >= %(low)s AND id < %(high)s AND NOT is_test
GROUP BY 1, 2
"""

ADD_NOTIFICATIONS = """
INSERT INTO notifications_dailycount AS known (
    day, creator_id, channel, status, notifications, segments, unfinished, sent, sent_segments,
    to_gateway, to_delivery
)
SELECT
    day, creator_id, channel, status, notifications, segments, unfinished, sent, sent_segments,
    to_gateway, to_delivery
FROM jsonb_to_recordset(%(changes)s::jsonb) AS change (
    day date, creator_id bigint, channel text, status text, notifications bigint, segments bigint,
    unfinished bigint, sent bigint, sent_segments bigint, to_gateway bigint[], to_delivery bigint[]
)
ON CONFLICT (day, creator_id, channel, status) DO UPDATE SET
    notifications = known.notifications + excluded.notifications,
    segments = known.segments + excluded.segments,
    unfinished = known.unfinished + excluded.unfinished,
    sent = known.sent + excluded.sent,
    sent_segments = known.sent_segments + excluded.sent_segments,
    to_gateway = ARRAY(
        SELECT a + b
        FROM unnest(known.to_gateway, excluded.to_gateway) WITH ORDINALITY AS pair (a, b, place)
        ORDER BY place
    ),
    to_delivery = ARRAY(
        SELECT a + b
        FROM unnest(known.to_delivery, excluded.to_delivery) WITH ORDINALITY AS pair (a, b, place)
        ORDER BY place
    )
"""

ADD_ORDERS = """
INSERT INTO notifications_dailyordercount AS known (day, creator_id, orders)
SELECT day, creator_id, orders
FROM jsonb_to_recordset(%(changes)s::jsonb) AS change (day date, creator_id bigint, orders bigint)
ON CONFLICT (day, creator_id) DO UPDATE SET orders = known.orders + excluded.orders
"""

COUNTED = """
UPDATE notifications_countedhour
SET counts = %(counts)s::jsonb, last_result_at = %(last_result_at)s, counted_at = %(now)s,
    next_count_at = %(next)s
WHERE hour = %(hour)s
"""
