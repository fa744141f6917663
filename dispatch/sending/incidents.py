"""Keeps what a pause of a channel cost, for afterwards."""

from collections.abc import Collection, Sequence
from datetime import datetime

from dispatch.models import ChannelPause
from dispatch.sending.claims import may_begin
from notifications.models import NotificationChannel
from orders.models import SendingTimePolicy
from runtime.database import sql

Cause = ChannelPause.Cause

MAX_COUNTED = 10_000
"""Waiting notifications that are looked at; `waited` is never more."""


def begin(
    channel: NotificationChannel, cause: Cause, *, reason: str, set_by: str, now: datetime
) -> None:
    """Of a pause that goes on, only the reason is new."""
    sql.change(
        _BEGIN, channel=channel.value, cause=cause.value, reason=reason, set_by=set_by, now=now
    )


def end(channel: NotificationChannel, causes: Collection[Cause], *, now: datetime) -> None:
    """Its pauses are over; costs next to nothing where there were none."""
    sql.change(
        _END,
        channel=channel.value,
        causes=[cause.value for cause in causes],
        now=now,
        **_waiting(now),
    )


def look(*, now: datetime) -> None:
    """Note how many wait, and which pauses have run out; called now and then. A pause for trouble
    that has run out is not over before a probe has come through."""
    sql.change(_LOOK, now=now, probed=[cause.value for cause in Cause.probed()], **_waiting(now))


def add_expired(expired: Sequence[tuple[str, datetime]]) -> None:
    """Channel and expiry of notifications that were never sent: those of them count that expired
    during an incident. What is lost with this process is not counted."""
    if expired:
        channels, moments = zip(*expired, strict=True)
        sql.change(_ADD_EXPIRED, channels=list(channels), moments=list(moments))


def _waiting(now: datetime) -> dict[str, object]:
    policies = [policy.value for policy in SendingTimePolicy if may_begin(policy, now=now)]
    return {"policies": policies, "most": MAX_COUNTED}


_BEGIN = """
INSERT INTO dispatch_channelincident AS known
    (channel, cause, reason, set_by, began, waited, expired)
VALUES (%(channel)s, %(cause)s, %(reason)s, %(set_by)s, %(now)s, 0, 0)
ON CONFLICT (channel, cause) WHERE ended IS NULL DO UPDATE
SET reason = excluded.reason, set_by = excluded.set_by
"""

# What waits for its own next try is not waiting for the channel.
_WAITING = """
greatest(known.waited, (
    SELECT count(*) FILTER (WHERE next_attempt_at <= %(now)s) FROM (
        SELECT next_attempt_at FROM notifications_notification
        WHERE status = 'New' AND NOT is_held AND channel = known.channel
            AND policy = ANY(%(policies)s)
        LIMIT %(most)s
    ) AS looked_at
))
"""

_END = f"""
UPDATE dispatch_channelincident known
SET ended = %(now)s, waited = {_WAITING}
WHERE known.ended IS NULL AND known.channel = %(channel)s AND known.cause = ANY(%(causes)s)
"""  # noqa: S608 - nothing from outside

_LOOK = f"""
UPDATE dispatch_channelincident known
SET waited = {_WAITING}, ended = (
    SELECT CASE
        WHEN count(*) = 0 THEN %(now)s
        WHEN min(p.until) <= %(now)s AND NOT known.cause = ANY(%(probed)s) THEN min(p.until)
    END
    FROM dispatch_channelpause p
    WHERE p.channel = known.channel AND p.cause = known.cause
)
WHERE known.ended IS NULL
"""  # noqa: S608 - nothing from outside

_ADD_EXPIRED = """
UPDATE dispatch_channelincident known
SET expired = known.expired + more.expired
FROM (
    SELECT i.id, count(*) AS expired
    FROM unnest(%(channels)s::text[], %(moments)s::timestamptz[]) AS e (channel, moment)
    JOIN dispatch_channelincident i
        ON i.channel = e.channel AND i.began <= e.moment
        AND (i.ended IS NULL OR i.ended >= e.moment)
    GROUP BY i.id
) AS more
WHERE known.id = more.id
"""
