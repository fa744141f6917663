"""Takes ready notifications for sending, fairly between creators, and gives back the unsent."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import connection

from dispatch.gateways.base import Attachment, Message
from notifications import send_window
from notifications.models import NotificationChannel
from orders.models import SendingTimePolicy
from orders.traces import Traced
from runtime.database import sql

LEASE = timedelta(seconds=120)
# Their files are fetched first.
LEASE_WITH_FILES = timedelta(seconds=300)
# What needs nothing but to be sent; e-mails with attachments are claimed on their own.
ORDINARY = (SendingTimePolicy.ANYTIME, SendingTimePolicy.DAYTIME)
WITH_FILES = (SendingTimePolicy.FETCHED,)
# From the last look at the clock to the first byte on the wire: what could not begin before its
# window ends stays.
TO_THE_WIRE = timedelta(seconds=0.5)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that is ours to send until its lease ends; the token proves it when we record."""

    message: Message
    policy: SendingTimePolicy
    attempts: int
    lease_token: UUID
    lease_until: datetime
    of: Traced
    lease: timedelta = LEASE
    gateway: str = ""

    @property
    def claimed_at(self) -> datetime:
        return self.lease_until - self.lease


@dataclass(frozen=True, slots=True)
class Return:
    """A message that was not sent, to be tried again at `next_attempt_at`.

    `counts` is whether it was a failed try; what went wrong stands in its Attempt. A reference is
    kept where the gateway may have taken the message after all: a delivery report would then still
    find it; then it is for that gateway alone, too.
    """

    notification_id: UUID
    lease_token: UUID
    next_attempt_at: datetime
    counts: bool
    reference: str | None = None
    keeps_gateway: bool = False


def claim(
    channel: NotificationChannel,
    *,
    policies: Collection[SendingTimePolicy] = ORDINARY,
    limit: int,
    now: datetime,
    not_of: str | None = None,
    gateways: Sequence[str] = ("",),
    takers: Collection[str] = (),
) -> list[Claimed]:
    """Take up to `limit` messages of these policies that may leave now, by one statement; none of
    the creator `not_of`.

    Every creator with ready messages gets an equal share, in random order; within its share the
    longest waiting go first. What some leave of theirs is for the next call to give to the others,
    so less than `limit` does not mean that nothing is left. The cost depends on the number of
    creators with ready messages and on `limit`, not on the backlog, nor on what is held back.

    Each message is for the next of `gateways`, over and over. One that a gateway may have taken
    already is for that one alone, and waits if it is neither of these nor of `takers`.
    """
    open_ones = [policy.value for policy in policies if may_begin(policy, now=now)]
    has_files = SendingTimePolicy.FETCHED in policies
    lease = LEASE_WITH_FILES if has_files else LEASE
    token, until = uuid4(), now + lease
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            {
                "channel": channel.value,
                "policies": open_ones,
                "limit": limit,
                "not_of": not_of,
                "now": now,
                "token": token,
                "until": until,
                "gateways": list(gateways),
                "takers": list({*gateways, *takers}),
            },
        )
        rows = cursor.fetchall()
    return [
        Claimed(
            Message(*fields),
            SendingTimePolicy(policy),
            attempts,
            token,
            until,
            Traced(order_id, trace_id),
            lease,
            gateway,
        )
        for policy, attempts, gateway, order_id, trace_id, *fields in rows
    ]


def with_files(claimed: Sequence[Claimed]) -> list[Claimed]:
    """The same messages, each with its attachments."""
    attachments: dict[UUID, list[Attachment]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_FILES, {"ids": [one.message.notification_id for one in claimed]})
        for notification_id, *fields in cursor.fetchall():
            attachments[notification_id].append(Attachment(*fields))
    return [
        replace(
            one,
            message=replace(
                one.message, attachments=tuple(attachments[one.message.notification_id])
            ),
        )
        for one in claimed
    ]


def may_begin(policy: SendingTimePolicy, *, now: datetime) -> bool:
    """Whether the policy's window is open, and will be until the message is on its way."""
    return send_window.is_open(policy, now) and send_window.is_open(policy, now + TO_THE_WIRE)


def lock_own(claimed: Sequence[Claimed]) -> set[UUID]:
    """Lock those that are still ours.

    Needs a transaction; until its end no other can record anything about them.
    """
    rows = sql.rows(
        _LOCK_OWN,
        ids=[one.message.notification_id for one in claimed],
        tokens=[one.lease_token for one in claimed],
    )
    return {row[0] for row in rows}


def give_back(returns: Sequence[Return], *, now: datetime) -> set[UUID]:
    """Return unsent messages to the queue; returns the ids of those that were still ours.

    This is no result: only the holder of the lease may do it. Any gateway may take them next, but
    for those that theirs may have taken, now or at an earlier try.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _GIVE_BACK,
            {
                "ids": [r.notification_id for r in returns],
                "tokens": [r.lease_token for r in returns],
                "next": [r.next_attempt_at for r in returns],
                "counts": [r.counts for r in returns],
                "references": [r.reference for r in returns],
                "keeps": [r.keeps_gateway for r in returns],
                "now": now,
            },
        )
        return {row[0] for row in cursor.fetchall()}


# `ready` hops from creator to creator along the index notification_ready (a skip scan), so that a
# backlog of one costs nothing to the others; it sees the longest waiting message of each. Creators
# whose messages all wait for another try take no share. The statuses are literals: the planner
# must see that they imply the partial index's predicate.
#
# Whether staff hold or have stopped the order is asked last and of the order itself: its messages
# are marked, or ended, a moment later.
#
# Each LIMIT 1, and the array, leave the planner no other way than the look-up by key: going by
# statistics it may begin with the orders and read all their messages, when the tables have grown
# much since the last ANALYZE. The lowest id leaves out the months before it, where there are months
# (decision 45).
_CLAIM = """
WITH RECURSIVE ready AS (
    SELECT p.policy, first.creator_id, first.next_attempt_at
    FROM unnest(%(policies)s::text[]) AS p (policy)
    CROSS JOIN LATERAL (
        SELECT creator_id, next_attempt_at FROM notifications_notification
        WHERE status = 'New' AND NOT is_held AND channel = %(channel)s AND policy = p.policy
        ORDER BY creator_id, next_attempt_at LIMIT 1
    ) AS first
    UNION ALL
    SELECT ready.policy, following.creator_id, following.next_attempt_at
    FROM ready
    CROSS JOIN LATERAL (
        SELECT creator_id, next_attempt_at FROM notifications_notification
        WHERE status = 'New' AND NOT is_held AND channel = %(channel)s AND policy = ready.policy
            AND creator_id > ready.creator_id
        ORDER BY creator_id, next_attempt_at LIMIT 1
    ) AS following
),
turns AS MATERIALIZED (
    SELECT policy, creator_id, count(*) OVER () AS creators
    FROM ready
    WHERE next_attempt_at <= %(now)s AND (
        %(not_of)s::text IS NULL
        OR creator_id <> (SELECT id FROM orders_creator WHERE short_name = %(not_of)s::text)
    )
    ORDER BY random() LIMIT %(limit)s
),
picked AS MATERIALIZED (
    SELECT mine.id, mine.order_id, mine.creator_id
    FROM turns
    CROSS JOIN LATERAL (
        SELECT n.id, n.order_id, n.creator_id FROM notifications_notification n
        WHERE n.status = 'New' AND NOT n.is_held
            AND n.channel = %(channel)s AND n.policy = turns.policy
            AND n.creator_id = turns.creator_id
            AND n.next_attempt_at <= %(now)s AND n.expires_at > %(now)s
            AND (n.gateway IS NULL OR n.gateway = ANY(%(takers)s::text[]))
        ORDER BY n.next_attempt_at
        LIMIT greatest(1, %(limit)s / turns.creators)
        FOR NO KEY UPDATE SKIP LOCKED
    ) AS mine
    LIMIT %(limit)s
),
texts AS MATERIALIZED (
    SELECT
        picked.id AS notification_id, c.short_name,
        o.sms_sender, o.sms_body, o.email_sender, o.email_subject, o.email_body,
        o.email_content_type, o.trace_id, o.is_test, c.test_mode_allows,
        row_number() OVER () AS place
    FROM picked
    CROSS JOIN LATERAL (
        SELECT
            sms_sender, sms_body, email_sender, email_subject, email_body, email_content_type,
            trace_id, is_test
        FROM orders_order
        WHERE id = picked.order_id AND held_at IS NULL AND stopped_at IS NULL
        LIMIT 1
    ) AS o
    CROSS JOIN LATERAL (
        SELECT short_name, test_mode_allows FROM orders_creator
        WHERE id = picked.creator_id LIMIT 1
    ) AS c
)
UPDATE notifications_notification n
SET status = 'Sending', status_at = %(now)s, lease_token = %(token)s, lease_until = %(until)s,
    gateway = coalesce(n.gateway, (%(gateways)s::text[])[
        1 + ((texts.place - 1) %% cardinality(%(gateways)s::text[]))::int
    ])
FROM texts
WHERE n.id = ANY(ARRAY(SELECT notification_id FROM texts)) AND n.id = texts.notification_id
    AND n.id >= (SELECT notification_id FROM texts ORDER BY notification_id LIMIT 1)
RETURNING
    n.policy, n.attempts, n.gateway, n.order_id, texts.trace_id,
    n.id, texts.short_name, n.address, n.normalized_address,
    coalesce(CASE n.channel WHEN 'Sms' THEN texts.sms_sender ELSE texts.email_sender END, ''),
    CASE n.channel WHEN 'Sms' THEN '' ELSE coalesce(n.subject, texts.email_subject) END,
    coalesce(n.body, CASE n.channel WHEN 'Sms' THEN texts.sms_body ELSE texts.email_body END),
    coalesce(texts.email_content_type, 'Plain'),
    n.expires_at, texts.is_test, texts.test_mode_allows
"""

_FILES = """
SELECT n.id, a.id, a.filename, a.mime_type, coalesce(a.link, '')
FROM notifications_notification n
JOIN orders_attachment a ON a.order_id = n.order_id
WHERE n.id = ANY(%(ids)s::uuid[])
ORDER BY n.id, a.position
"""

_LOCK_OWN = """
SELECT n.id
FROM unnest(%(ids)s::uuid[], %(tokens)s::uuid[]) AS mine (id, token)
JOIN notifications_notification n ON n.id = mine.id AND n.lease_token = mine.token
ORDER BY n.id
FOR NO KEY UPDATE OF n
"""

_GIVE_BACK = """
UPDATE notifications_notification n
SET status = 'New',
    status_at = %(now)s,
    lease_until = NULL,
    lease_token = NULL,
    next_attempt_at = r.next,
    attempts = n.attempts + r.counts::int,
    gateway = CASE WHEN r.keeps OR EXISTS (
        SELECT FROM dispatch_attempt a
        WHERE a.notification_id = n.id AND a.outcome IN ('Unknown', 'LeaseLost')
    ) THEN n.gateway END,
    gateway_reference = coalesce(r.reference, n.gateway_reference)
FROM unnest(
    %(ids)s::uuid[], %(tokens)s::uuid[], %(next)s::timestamptz[], %(counts)s::boolean[],
    %(references)s::text[], %(keeps)s::boolean[]
) AS r (id, token, next, counts, reference, keeps)
WHERE n.id = r.id AND n.lease_token = r.token
RETURNING n.id
"""
