"""The gateways of a channel as its page shows them: how much each takes, and what is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from back_office.actions.channels.shift_weights import weights_of
from back_office.privacy import personal_data
from back_office.wording.reasons import told
from dispatch.models import GatewayState
from notifications.models import NotificationChannel


@dataclass(frozen=True, slots=True)
class Shown:
    """`paused_until` is empty where it is in no trouble; past where one notification tries it."""

    name: str
    weight: int
    paused_until: datetime | None
    reason: str


def shown(channel: NotificationChannel, *, now: datetime) -> Sequence[Shown]:
    """None where there is one alone: its trouble is the channel's."""
    weights = weights_of(channel, now=now)
    if len(weights) < 2:
        return ()
    states = personal_data.masked(GatewayState.objects.filter(channel=channel))
    known = {state.gateway: state for state in states}
    return [
        Shown(
            name,
            weight,
            state.paused_until if (state := known.get(name)) else None,
            told(state.reason) if state else "",
        )
        for name, weight in weights.items()
    ]
