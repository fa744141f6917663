"""Which of several gateways of a channel may take messages: their weights, and the pauses of each.

Where a channel has one gateway its trouble is the channel's, and nothing of this is asked.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from dispatch.models import ChannelPause
from dispatch.sending.channel_watch import Trouble
from dispatch.sending.pauses import PROBE_FOR, Gate
from notifications.models import NotificationChannel
from runtime.database import sql

logger = structlog.get_logger(__name__)

MIN_REPORTS = 50
"""Fewer say nothing of a gateway."""
COUNTED_WITHIN = timedelta(minutes=5)
"""What was counted longer ago counts no more."""

Cause = ChannelPause.Cause
_PROBED = [cause.value for cause in Cause.probed()]


@dataclass(frozen=True, slots=True)
class State:
    """`weight` is None where staff have left it to the settings, `delivered_share` where too few
    reports have come lately to say; the last two are as of a `pauses.State`."""

    weight: int | None
    is_closed: bool
    is_probing: bool
    delivered_share: float | None = None
    is_in_trouble: bool = False
    blamed: str = ""


NEVER_IN_TROUBLE = State(None, is_closed=False, is_probing=False)


@dataclass(frozen=True, slots=True)
class Standing:
    """The channel's own gate, and the state of each gateway that has one."""

    gate: Gate
    states: Mapping[str, State]
    is_for_trouble_alone: bool = True
    """No person, and no gateway that told us to wait, keeps the channel closed."""

    def of(self, gateway: str) -> State:
        return self.states.get(gateway, NEVER_IN_TROUBLE)

    def is_open(self, gateway: str) -> bool:
        state = self.of(gateway)
        return not (state.is_closed or state.is_probing)


def standing(channel: NotificationChannel, *, now: datetime) -> Standing:
    """By one statement, as the pauses of a channel alone are read."""
    probing: list[bool] = []
    are_trouble: list[bool] = []
    states = {}
    rows = sql.rows(_STANDING, channel=channel.value, now=now, counted_since=now - COUNTED_WITHIN)
    for gateway, weight, cause, until, blamed, delivered, undelivered in rows:
        is_over = until is None or until <= now
        if gateway is None:
            probing.append(is_over)
            are_trouble.append(cause in _PROBED)
            continue
        is_probing = is_over and cause in _PROBED
        reports = delivered + undelivered
        share = delivered / reports if reports >= MIN_REPORTS else None
        is_in_trouble = until is not None and cause in _PROBED
        states[gateway] = State(weight, not is_over, is_probing, share, is_in_trouble, blamed)
    gate = Gate.OPEN if not probing else Gate.PROBE if all(probing) else Gate.CLOSED
    return Standing(gate, states, is_for_trouble_alone=all(are_trouble))


def pause(channel: NotificationChannel, gateway: str, trouble: Trouble, *, now: datetime) -> None:
    """Give the gateway nothing before then; never shortened by later trouble."""
    logger.warning("A gateway is paused", channel=channel.value, gateway=gateway)
    sql.change(
        _PAUSE,
        channel=channel.value,
        gateway=gateway,
        cause=trouble.cause.value,
        until=now + trouble.length,
        reason=trouble.reason,
        blamed=trouble.blamed,
    )


def take_probe(channel: NotificationChannel, gateway: str, *, now: datetime) -> bool:
    """Whether the caller may send the one message that finds out whether it works again."""
    return bool(
        sql.change(
            _TAKE_PROBE,
            channel=channel.value,
            gateway=gateway,
            probed=_PROBED,
            now=now,
            until=now + PROBE_FOR,
        )
    )


def return_probe(channel: NotificationChannel, gateway: str, *, now: datetime) -> None:
    """The probe told nothing: another may go at once. Longer pauses stand."""
    sql.change(
        _RETURN_PROBE,
        channel=channel.value,
        gateway=gateway,
        probed=_PROBED,
        now=now,
        latest=now + PROBE_FOR,
    )


def lift(channel: NotificationChannel, gateway: str | None = None) -> None:
    """It works: forget its trouble. None is all of the channel."""
    lifted = sql.change(_LIFT, channel=channel.value, gateway=gateway)
    if lifted:
        logger.info("A gateway works again", channel=channel.value, gateway=gateway)


def set_weights(channel: NotificationChannel, weights: Mapping[str, int]) -> None:
    """Staff's, which go before those of the settings."""
    sql.change(
        _SET_WEIGHTS,
        channel=channel.value,
        gateways=list(weights),
        weights=list(weights.values()),
    )


def is_any_open(channel: NotificationChannel, gateways: Collection[str], *, now: datetime) -> bool:
    """Whether one of these is in no trouble."""
    found = standing(channel, now=now)
    return any(found.is_open(gateway) for gateway in gateways)


def first_to_open(
    channel: NotificationChannel, gateways: Collection[str], *, now: datetime
) -> datetime:
    """When the first of them may be tried again; none of them is open."""
    ((until,),) = sql.rows(_FIRST_TO_OPEN, channel=channel.value, gateways=list(gateways))
    return max(until or now, now)


_STANDING = """
SELECT NULL AS gateway, NULL::smallint AS weight, cause, until, blamed, 0, 0
FROM dispatch_channelpause
WHERE channel = %(channel)s AND (until > %(now)s OR cause IN ('Refused', 'Breaker'))
UNION ALL
SELECT
    gateway, weight, cause, paused_until, blamed,
    CASE WHEN counted_at >= %(counted_since)s THEN delivered ELSE 0 END,
    CASE WHEN counted_at >= %(counted_since)s THEN undelivered ELSE 0 END
FROM dispatch_gatewaystate WHERE channel = %(channel)s
"""

_FIRST_TO_OPEN = """
SELECT min(paused_until) FROM dispatch_gatewaystate
WHERE channel = %(channel)s AND gateway = ANY(%(gateways)s::text[])
"""

_PAUSE = """
INSERT INTO dispatch_gatewaystate
    (channel, gateway, cause, paused_until, reason, blamed, delivered, undelivered)
VALUES (%(channel)s, %(gateway)s, %(cause)s, %(until)s, %(reason)s, %(blamed)s, 0, 0)
ON CONFLICT (channel, gateway) DO UPDATE
SET paused_until = greatest(dispatch_gatewaystate.paused_until, excluded.paused_until),
    cause = excluded.cause, reason = excluded.reason,
    blamed = CASE
        WHEN dispatch_gatewaystate.paused_until IS NULL
            OR dispatch_gatewaystate.cause NOT IN ('Refused', 'Breaker')
            OR dispatch_gatewaystate.blamed = excluded.blamed
        THEN excluded.blamed ELSE '' END
"""

_SET_WEIGHTS = """
INSERT INTO dispatch_gatewaystate
    (channel, gateway, weight, cause, reason, delivered, undelivered)
SELECT %(channel)s, gateway, weight, '', '', 0, 0
FROM unnest(%(gateways)s::text[], %(weights)s::smallint[]) AS w (gateway, weight)
ON CONFLICT (channel, gateway) DO UPDATE SET weight = excluded.weight
"""

_OVER = "channel = %(channel)s AND gateway = %(gateway)s AND cause = ANY(%(probed)s)"

_TAKE_PROBE = f"""
UPDATE dispatch_gatewaystate SET paused_until = %(until)s
WHERE {_OVER} AND paused_until <= %(now)s
"""  # noqa: S608 - nothing from outside

_RETURN_PROBE = f"""
UPDATE dispatch_gatewaystate SET paused_until = %(now)s
WHERE {_OVER} AND paused_until > %(now)s AND paused_until <= %(latest)s
"""  # noqa: S608 - nothing from outside

_LIFT = """
UPDATE dispatch_gatewaystate SET paused_until = NULL, cause = '', reason = '', blamed = ''
WHERE channel = %(channel)s AND (%(gateway)s::text IS NULL OR gateway = %(gateway)s::text)
    AND paused_until IS NOT NULL
"""
