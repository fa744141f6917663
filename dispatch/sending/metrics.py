"""What the processes that send count as they go, for Prometheus.

Each process counts for itself; how the numbers are read is decision 13.
"""

from collections import Counter as Tally
from collections.abc import Iterable

from prometheus_client import Counter, Histogram

from dispatch.gateways.base import Outcome, OutcomeKind
from notifications.models import NotificationChannel

HELD_BACK = "held_back"
"""Claimed, but not handed over: its window or its lease was about to end."""
SIMULATED = "simulated"
"""No gateway was asked."""

_SENDS = Counter(
    "notifications_sends", "Messages tried, by what the gateway said.", ["channel", "result"]
)
_CLAIMED = Counter("notifications_claimed", "Messages taken for sending.", ["channel"])
_CLAIM_SECONDS = Histogram(
    "notifications_claim_seconds",
    "How long one claim of ready messages took in the database.",
    ["channel"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0),
)
_GATEWAY_SECONDS = Histogram(
    "notifications_gateway_seconds",
    "From handing a message to the transport until it knew the outcome.",
    ["channel"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0),
)
_GATEWAYS = Counter(
    "notifications_gateway_sends",
    "Messages tried with each gateway, by what it said.",
    ["channel", "gateway", "result"],
)
# Series that begin at nought show their first increase, and looking them up once is cheap.
_RESULTS = [HELD_BACK, SIMULATED, *(kind.name.lower() for kind in OutcomeKind)]
_sends = {(c, r): _SENDS.labels(c.value, r) for c in NotificationChannel for r in _RESULTS}
_claimed = {channel: _CLAIMED.labels(channel.value) for channel in NotificationChannel}
_claim_seconds = {channel: _CLAIM_SECONDS.labels(channel.value) for channel in NotificationChannel}
_gateway_seconds = {
    channel: _GATEWAY_SECONDS.labels(channel.value) for channel in NotificationChannel
}


def result_of(outcome: Outcome | None) -> str:
    """What the gateway said, in a word."""
    if outcome is None:
        return HELD_BACK
    return SIMULATED if outcome.simulation else outcome.kind.name.lower()


def count_claim(channel: NotificationChannel, messages: int, *, seconds: float) -> None:
    _claimed[channel].inc(messages)
    _claim_seconds[channel].observe(seconds)


def count_gateway(channel: NotificationChannel, *, seconds: float) -> None:
    _gateway_seconds[channel].observe(seconds)


def count_sends(channel: NotificationChannel, outcomes: Iterable[Outcome | None]) -> None:
    """A batch at once; an outcome is None where the message was held back."""
    kinds = Tally(map(result_of, outcomes))
    for result, count in kinds.items():
        _sends[channel, result].inc(count)


def count_gateways(
    channel: NotificationChannel, outcomes: Iterable[tuple[str, Outcome | None]]
) -> None:
    """The same by gateway; what was held back or simulated was given to none."""
    tried = Tally((name, result_of(one)) for name, one in outcomes if one and not one.simulation)
    for (gateway, result), count in tried.items():
        _GATEWAYS.labels(channel.value, gateway, result).inc(count)
