"""Stops a channel that is in trouble, and lets it find out when the trouble is over."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

import structlog
from django.db import connection

from dispatch.models import ChannelPause
from dispatch.sending import incidents
from notifications import ready
from notifications.models import NotificationChannel

logger = structlog.get_logger(__name__)

# After a refused log-in or missing credit somebody must act; one message probes now and then, so
# that the channel goes on by itself once they have.
REFUSED_FOR = timedelta(minutes=5)
BREAKER_FOR = timedelta(seconds=30)
ERRORS_THAT_BREAK = 20
# Nobody sends another probe before this one is back, or its sender is dead.
PROBE_FOR = timedelta(seconds=30)

_PROBED = ChannelPause.Cause.probed()


class Gate(Enum):
    """How many messages a channel may let through."""

    OPEN = "open"
    PROBE = "one message, to see whether the trouble is over"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class State:
    """Of a channel. `is_in_trouble` is what outcomes have shown, `is_for_trouble_alone` that no
    person, and no gateway that told us to wait, keeps it closed besides.

    `blamed` is the creator whose messages alone have met the trouble; empty: it is everybody's.
    """

    gate: Gate
    is_in_trouble: bool = False
    is_for_trouble_alone: bool = True
    blamed: str = ""


def state(channel: NotificationChannel, *, now: datetime) -> State:
    """What any process has found out of the channel, by one query."""
    pauses = list(ChannelPause.objects.in_force(now=now).filter(channel=channel))
    if not pauses:
        return State(Gate.OPEN)
    is_over = all(pause.is_probing(now=now) for pause in pauses)
    troubles = [pause for pause in pauses if pause.cause in _PROBED]
    return State(
        Gate.PROBE if is_over else Gate.CLOSED,
        is_in_trouble=bool(troubles),
        is_for_trouble_alone=len(troubles) == len(pauses),
        blamed=_common_blame({pause.blamed for pause in troubles}),
    )


def _common_blame(blamed: set[str]) -> str:
    """Where several troubles have come, somebody is to blame only if it is for all of them."""
    return next(iter(blamed)) if len(blamed) == 1 else ""


def gate(channel: NotificationChannel, *, now: datetime) -> Gate:
    """Closed while any pause lasts; a pause for trouble that has run out leaves room for a probe
    (`take_probe`), until `lift` or the next trouble."""
    return state(channel, now=now).gate


def pause(
    channel: NotificationChannel,
    cause: ChannelPause.Cause,
    *,
    until: datetime,
    reason: str,
    now: datetime,
    set_by: str = "",
    blamed: str = "",
) -> None:
    """Send nothing on the channel before `until`; a pause is never shortened by a later one. What
    others than the blamed have met as well is everybody's trouble."""
    with connection.cursor() as cursor:
        cursor.execute(
            _PAUSE,
            {
                "channel": channel.value,
                "cause": cause.value,
                "until": until,
                "reason": reason,
                "now": now,
                "set_by": set_by,
                "blamed": blamed,
            },
        )
    incidents.begin(channel, cause, reason=reason, set_by=set_by, now=now)
    logger.warning(
        "A channel is paused", channel=channel.value, cause=cause.value, until=until.isoformat()
    )


def take_probe(channel: NotificationChannel, *, now: datetime) -> bool:
    """Whether the caller may send the one probe; of all workers who ask, one may.

    In a transaction the others wait for its end; if it is rolled back, the probe is free again.
    """
    over = ChannelPause.objects.filter(channel=channel, cause__in=_PROBED, until__lte=now)
    return over.update(until=now + PROBE_FOR) > 0


def return_probe(channel: NotificationChannel, *, now: datetime) -> None:
    """The probe told nothing: another may go at once. Longer pauses stand."""
    taken = ChannelPause.objects.filter(
        channel=channel, cause__in=_PROBED, until__gt=now, until__lte=now + PROBE_FOR
    )
    taken.update(until=now)


def lift(channel: NotificationChannel, *, now: datetime) -> None:
    """The probe went through: forget the pauses for trouble."""
    incidents.end(channel, _PROBED, now=now)
    lifted, _ = ChannelPause.objects.filter(channel=channel, cause__in=_PROBED).delete()
    if lifted:
        logger.info("A channel works again", channel=channel.value)


def resume(channel: NotificationChannel, *, now: datetime) -> int:
    """Lift every pause of the channel at once; returns how many there were in force."""
    incidents.end(channel, ChannelPause.Cause, now=now)
    count = ChannelPause.objects.in_force(now=now).filter(channel=channel).delete()[0]
    logger.info("A channel is resumed", channel=channel.value, pauses=count)
    ready.tell_of_some()
    return count


_PAUSE = """
INSERT INTO dispatch_channelpause (channel, cause, until, reason, set_at, set_by, blamed)
VALUES (%(channel)s, %(cause)s, %(until)s, %(reason)s, %(now)s, %(set_by)s, %(blamed)s)
ON CONFLICT (channel, cause) DO UPDATE
SET until = greatest(dispatch_channelpause.until, excluded.until),
    reason = excluded.reason, set_at = excluded.set_at, set_by = excluded.set_by,
    blamed = CASE WHEN dispatch_channelpause.blamed = excluded.blamed
        THEN excluded.blamed ELSE '' END
"""
