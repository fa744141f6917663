"""Rows for the figures, made in the database itself."""

from bench.system import MeasuredSystem

CREATORS = 20

_CREATORS = """
INSERT INTO orders_creator (short_name, is_active, created)
SELECT 'agency-' || n, true, now() FROM generate_series(1, {count}) n
ON CONFLICT DO NOTHING
"""
# Ids as the product makes them: version 7, the time in front.
_ID = (
    "(lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0') || '7'"
    " || substr(md5(random()::text), 1, 3) || '8' || substr(md5(random()::text), 1, 15))::uuid"
)
_ORDERS = """
INSERT INTO orders_order (
    id, creator_id, type, created, requested_send_time, channel, sending_time_policy, email_subject,
    email_body, email_content_type, sms_body, awaits_condition, condition_note, status, status_at,
    next_attempt_at, attempts, reason, senders_reference
)
SELECT
    {id}, c.id, 'Notification', {at}, {at}, '{channel}', 'Anytime',
    'A letter from us', 'You have received a letter. Log in to read it.', 'Plain',
    'You have received a letter. Log in to read it.', false, '', '{status}', {at}, {at}, 0, '',
    'ref-' || lpad(n::text, 8, '0')
FROM generate_series(1, {count}) n
JOIN (
    SELECT id, row_number() OVER (ORDER BY id) - 1 AS turn, count(*) OVER () AS creators
    FROM orders_creator WHERE short_name LIKE 'agency-%'
) c ON c.turn = n %% c.creators
"""
_NOTIFICATIONS = """
INSERT INTO notifications_notification (
    id, order_id, creator_id, channel, policy, address, normalized_address,
    national_identity_number, organization_number, status, status_at, reason, finished_at,
    next_attempt_at, expires_at, created, attempts, gateway_reference, sent_at
)
SELECT
    {id}, o.id, o.creator_id, '{channel}', 'Anytime', a.address, a.address, '', '', '{status}',
    {at}, '', {finished_at}, {at}, {expires_at}, {at}, 0, {reference}, {sent_at}
FROM (SELECT id, creator_id, row_number() OVER (ORDER BY id) AS n FROM orders_order
      WHERE status = '{order_status}' AND channel = '{channel}') o
CROSS JOIN generate_series(1, {each}) m
CROSS JOIN LATERAL (
    SELECT CASE '{channel}' WHEN 'Sms'
        THEN '+479' || lpad((o.n * {each} + m)::text, 7, '0')
        ELSE 'user.' || (o.n * {each} + m) || '@bench.example' END AS address
) a
ORDER BY o.n, m
"""
_FEED = """
INSERT INTO notifications_statusfeedentry (
    creator_id, order_id, type, senders_reference, round, status, recipients, created
)
SELECT
    o.creator_id, o.id, o.type, o.senders_reference, round, o.status,
    jsonb_build_array(jsonb_build_object(
        'destination', '+4799999999', 'channel', 'Sms', 'status', 'Delivered', 'lastUpdate', {at}
    )),
    {at}
FROM orders_order o CROSS JOIN generate_series(1, {rounds}) round
WHERE o.status = 'Completed'
ORDER BY round, o.id
"""


def creators(system: MeasuredSystem, *, count: int = CREATORS) -> None:
    system.query_outside(_CREATORS.format(count=count))


def orders(
    system: MeasuredSystem,
    *,
    count: int,
    channel: str = "Sms",
    status: str = "Processed",
    at: str = "now()",
) -> None:
    """Orders of all agencies in turn. `at` is an SQL expression."""
    creators(system)
    statement = _ORDERS.format(id=_ID, count=count, channel=channel, status=status, at=at)
    system.query_outside(statement.replace("%%", "%"))


def notifications(
    system: MeasuredSystem,
    *,
    each: int,
    channel: str = "Sms",
    status: str = "New",
    order_status: str = "Processed",
    at: str = "now()",
) -> None:
    """So many messages for each order of the channel in the given status."""
    is_open = status in ("New", "Sending", "Accepted")
    was_sent = status in ("Accepted", "Delivered")
    system.query_outside(
        _NOTIFICATIONS.format(
            id=_ID,
            channel=channel,
            status=status,
            order_status=order_status,
            each=each,
            at=at,
            finished_at="NULL::timestamptz" if is_open else at,
            expires_at=f"{at} + interval '48 hours'" if is_open else "NULL::timestamptz",
            reference="'ref-' || o.n || '-' || m" if was_sent else "NULL",
            sent_at=at if was_sent else "NULL::timestamptz",
        )
    )


def feed(system: MeasuredSystem, *, rounds: int, at: str = "now()") -> None:
    """So many entries of each completed order, those of all agencies in turn."""
    system.query_outside(_FEED.format(rounds=rounds, at=at))
