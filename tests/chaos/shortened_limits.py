"""The product with its waits cut short, and its Celery application.

What an installation gets over in half an hour, a run under fire does in a minute: leases, back-offs
and time-outs keep their order, but last seconds.
"""

import importlib
from datetime import timedelta

import aiohttp
import django

from config.celery import app
from tests.chaos.future import MIN_LIFE

__all__ = ["app"]


def _seconds(*several: float) -> list[timedelta]:
    return [timedelta(seconds=seconds) for seconds in several]


(LEASE, LEASE_WITH_FILES, ORDER_LEASE, SPREAD) = _seconds(12, 24, 6, 3)
(UNKNOWN_AGAIN, BREAKER, PROBE, GRACE) = _seconds(2, 2, 6, 6)
(REFUSED, SUSPECT_AGAIN, STRAGGLERS, LATELY) = _seconds(4, 3, 0.5, 2)

INSTANT_LIFE = timedelta(seconds=MIN_LIFE)

WAITS: dict[str, dict[str, object]] = {
    "dispatch.sending.claims": {"LEASE": LEASE, "LEASE_WITH_FILES": LEASE_WITH_FILES},
    "dispatch.sending.recording": {
        "UNKNOWN_AGAIN_AFTER": UNKNOWN_AGAIN,
        "BACK_OFF": _seconds(1, 2, 4, 8),
        "SUSPECT_AGAIN_AFTER": SUSPECT_AGAIN,
    },
    "dispatch.sending.pauses": {"BREAKER_FOR": BREAKER, "PROBE_FOR": PROBE, "REFUSED_FOR": REFUSED},
    "dispatch.sending.channel_watch": {"STRAGGLERS": STRAGGLERS, "LATELY": LATELY},
    "dispatch.gateways.posting": {"TIMEOUT": aiohttp.ClientTimeout(total=4, connect=2)},
    "dispatch.gateways.email.smtp": {"MAX_MAIL": 4.0},
    "dispatch.gateways.email.transport": {"MAX_OPENING": 4.0, "MAX_SEND": 8.0},
    "dispatch.gateways.email.attachments": {"MAX_FETCH": 4.0, "MAX_FETCHING": 6.0},
    "dispatch.gateways.email.composed": {"MAX_FETCHING": 6.0, "MAX_SEND": 8.0},
    "dispatch.instant.sender": {"ROOM_WITHIN": 2.0, "TO_RECORD": 4.0, "TELL_AFTER": 2.0},
    "dispatch.instant.placing": {"expires_at": lambda now: now + INSTANT_LIFE},
    "dispatch.instant.recording": {"GRACE": GRACE},
    "dispatch.upkeep.sweep": {"GRACE": GRACE},
    "events.sending.claims": {"LEASE": ORDER_LEASE},
    "events.sending.client": {"MAX_CALL": 4.0},
    "events.sending.recording": {"BACK_OFF": _seconds(1, 2, 4, 8), "REST": _seconds(1, 2)},
    "orders.api.validation.instant_rules": {"MIN_LIFE": MIN_LIFE},
    "notifications.expansion.claims": {
        "LEASE": ORDER_LEASE,
        "SPREAD": SPREAD,
        "BACK_OFF": _seconds(1, 2, 4, 8, 16),
    },
}


def shorten() -> None:
    """Raises AttributeError for a wait that the product no longer knows."""
    for name, waits in WAITS.items():
        module = importlib.import_module(name)
        for wait, value in waits.items():
            getattr(module, wait)
            setattr(module, wait, value)


django.setup()
shorten()
