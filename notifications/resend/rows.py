"""The rows of notifications that are sent once more: read, followed through their resends,
copied."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from notifications.models import NOT_FAILED
from notifications.resend.eligibility import Later, Old
from notifications.resend.rendering import New
from runtime.database import sql
from runtime.uuid7 import uuid7


def read(ids: Sequence[UUID], *, locked: bool = False) -> dict[UUID, Old]:
    """By id. Locked before their orders (decision 26)."""
    rows = sql.rows(_READ.format(lock=_LOCK if locked else ""), ids=list(ids))
    return {row[0]: Old(*row) for row in rows}


def later(ids: Collection[UUID]) -> dict[UUID, list[Later]]:
    """What has taken the place of each: its resends, theirs, and those that an older notification
    of the same chain got after it."""
    found: dict[UUID, list[Later]] = defaultdict(list)
    for old, *successor in sql.rows(_LATER, ids=list(ids), not_failed=NOT_FAILED):
        found[old].append(Later(*successor))
    return found


def insert(news: Sequence[New], *, now: datetime) -> list[UUID]:
    """What is not in the new ones is copied from the old; returns the new ids."""
    if not news:
        return []
    columns = dict(zip(New._fields, map(list, zip(*news, strict=True)), strict=True))
    ids = sorted((uuid7() for _ in news), key=int)
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, {**columns, "id": ids, "now": now})
    return ids


# Another log-in stands in the order only, which then is one of a chain, with one recipient.
_READ = """
SELECT
    n.id, n.order_id, n.channel, n.policy, n.address, n.normalized_address,
    n.national_identity_number, n.organization_number,
    CASE WHEN n.national_identity_number = '' AND n.organization_number = '' THEN coalesce((
        SELECT r.external_identity
        FROM orders_order o JOIN recipients_recipient r ON r.order_id = o.id
        WHERE o.id = n.order_id AND o.chain_id IS NOT NULL LIMIT 1
    ), '') ELSE '' END,
    n.status, n.is_uncertain, n.sent_at, n.subject IS NOT NULL OR n.body IS NOT NULL
FROM notifications_notification n
WHERE n.id = ANY(%(ids)s)
{lock}
"""

_LOCK = "ORDER BY n.id FOR NO KEY UPDATE OF n"

# `chain` climbs from a notification to the one that began it all. Of the resends of an older
# notification those made with or before our branch are no successors: an organisation may have got
# several notifications at once, each to an address of its own.
_LATER = """
WITH RECURSIVE chain AS (
    SELECT id AS old, id, resend_of_id, created, '-infinity'::timestamptz AS branch_created
    FROM notifications_notification WHERE id = ANY(%(ids)s)
    UNION ALL
    SELECT chain.old, n.id, n.resend_of_id, n.created, chain.created
    FROM chain JOIN notifications_notification n ON n.id = chain.resend_of_id
),
later AS (
    SELECT chain.old, n.id, n.finished_at, n.status
    FROM chain
    JOIN notifications_notification n
        ON n.resend_of_id = chain.id AND n.created > chain.branch_created
    UNION ALL
    SELECT later.old, n.id, n.finished_at, n.status
    FROM later JOIN notifications_notification n ON n.resend_of_id = later.id
)
SELECT old, id, finished_at IS NULL OR status = ANY(%(not_failed)s) FROM later
"""

_INSERT = """
INSERT INTO notifications_notification (
    id, resend_of_id, order_id, creator_id, channel, policy, address, normalized_address,
    national_identity_number, organization_number, subject, body, segments, status, status_at,
    reason, next_attempt_at, expires_at, created, attempts
)
SELECT
    new.id, old.id, old.order_id, old.creator_id, old.channel, old.policy, new.address,
    new.normalized_address, old.national_identity_number, old.organization_number,
    coalesce(old.subject, new.subject), coalesce(old.body, new.body),
    coalesce(old.segments, new.segments), 'New', %(now)s, new.reason, %(now)s, new.expires_at,
    %(now)s, 0
FROM unnest(
    %(id)b::uuid[], %(resend_of)b::uuid[], %(address)b::text[], %(normalized_address)b::text[],
    %(subject)b::text[], %(body)b::text[], %(segments)b::int[], %(reason)b::text[],
    %(expires_at)b::timestamptz[]
) AS new (
    id, old, address, normalized_address, subject, body, segments, reason, expires_at
)
JOIN notifications_notification old ON old.id = new.old
"""
