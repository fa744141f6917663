"""Takes entries of the status feed up as deliveries, each subscription from its own cursor on."""

from datetime import datetime
from itertools import islice

from django.db import connection

from events.models import OF_STATUS
from runtime.uuid7 import ascending

SUBSCRIPTIONS = 20
"""How many are served in one turn, in random order."""
ENTRIES = 200
"""How many entries each of them may take in a turn."""
MAX_WAITING = 500
"""So many deliveries of one subscription wait at most, but for a turn's: what a dead endpoint has
not taken stays in the feed, where it costs nothing."""


def take_up(*, now: datetime) -> int:
    """One turn; returns how many entries were passed, wanted or not.

    The cursor moves in the transaction that stores the deliveries: a process that dies takes
    nothing with it, and no entry is taken up twice.
    """
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_READY, {"subscriptions": SUBSCRIPTIONS, "most": MAX_WAITING})
        [ready] = cursor.fetchone() or [0]
        if not ready:
            return 0
        cursor.execute(
            _TAKE_UP,
            {
                "now": now,
                "subscriptions": ready,
                "entries": ENTRIES,
                "most": MAX_WAITING,
                "ids": list(islice(ascending(), ready * ENTRIES)),
                "statuses": [status.value for status in OF_STATUS],
                "events": [event.value for event in OF_STATUS.values()],
            },
        )
        [passed] = cursor.fetchone() or [0]
    return int(passed)


# An entry is looked for by owner and number, in which only the index on both has them.
_READY = """FROM events_subscription s
    WHERE s.state = 'Active'
        AND EXISTS (
            SELECT FROM notifications_statusfeedentry f
            WHERE (f.creator_id, f.sequence_number) > (s.creator_id, s.cursor)
                AND f.creator_id <= s.creator_id
        )
        AND NOT EXISTS (
            SELECT FROM events_delivery d
            WHERE d.subscription_id = s.id AND d.state = 'Waiting'
            OFFSET %(most)s::bigint - 1
        )"""

# Most turns find nothing, and are spared the ids: making and sending 4,000 took longer than all
# else of a turn.
_COUNT_READY = f"""
SELECT count(*) FROM (SELECT 1 {_READY} LIMIT %(subscriptions)s::bigint) AS looked_at
"""  # noqa: S608 - nothing from outside

# What is locked is looked at as it stands then: its cursor may have been moved meanwhile.
_TAKE_UP = f"""
WITH served AS MATERIALIZED (
    SELECT s.id, s.creator_id, s.cursor, s.event_types
    {_READY}
    ORDER BY random()
    LIMIT %(subscriptions)s::bigint
    FOR NO KEY UPDATE SKIP LOCKED
),
passed AS MATERIALIZED (
    SELECT
        served.id AS subscription_id, served.event_types, entry.sequence_number, entry.order_id,
        entry.type, entry.senders_reference, entry.created, known.event,
        row_number() OVER (ORDER BY entry.sequence_number, served.id) AS place
    FROM served
    CROSS JOIN LATERAL (
        SELECT f.sequence_number, f.order_id, f.type, f.senders_reference, f.status, f.created
        FROM notifications_statusfeedentry f
        WHERE (f.creator_id, f.sequence_number) > (served.creator_id, served.cursor)
            AND f.creator_id <= served.creator_id
        ORDER BY f.creator_id, f.sequence_number
        LIMIT %(entries)s::bigint
    ) AS entry
    JOIN unnest(%(statuses)s::text[], %(events)s::text[]) AS known (status, event)
        ON known.status = entry.status
),
moved AS (
    UPDATE events_subscription s SET cursor = newest.number
    FROM (
        SELECT subscription_id, max(sequence_number) AS number FROM passed GROUP BY subscription_id
    ) AS newest
    WHERE s.id = newest.subscription_id
),
taken AS (
    INSERT INTO events_delivery (
        id, subscription_id, event, sequence_number, shipment_id, shipment_type, senders_reference,
        occurred_at, state, next_attempt_at, failed_tries, tries, created
    )
    SELECT
        (%(ids)s::uuid[])[place], subscription_id, event, sequence_number, order_id, type,
        senders_reference, created, 'Waiting', %(now)s, 0, '[]', %(now)s
    FROM passed
    WHERE event = ANY(event_types)
    ORDER BY place
    ON CONFLICT (subscription_id, sequence_number) DO NOTHING
)
SELECT count(*) FROM passed
"""  # noqa: S608 - nothing from outside
