"""The Celery application with the waits of the product cut short.

What an installation gets over in half an hour, a run under fire does in a minute: leases, back-offs
and time-outs keep their order, but last seconds.
"""

import importlib
from datetime import timedelta

import aiohttp
import django

from config.celery import app

__all__ = ["app"]


def _seconds(*several: float) -> list[timedelta]:
    return [timedelta(seconds=seconds) for seconds in several]


(LEASE, ORDER_LEASE, SPREAD, UNKNOWN_AGAIN, BREAKER, PROBE) = _seconds(12, 6, 3, 2, 2, 6)
(REFUSED, SUSPECT_AGAIN, STRAGGLERS, LATELY) = _seconds(4, 3, 0.5, 2)

WAITS: dict[str, dict[str, object]] = {
    "dispatch.sending.claims": {"LEASE": LEASE},
    "dispatch.sending.recording": {
        "UNKNOWN_AGAIN_AFTER": UNKNOWN_AGAIN,
        "BACK_OFF": _seconds(1, 2, 4, 8),
        "SUSPECT_AGAIN_AFTER": SUSPECT_AGAIN,
    },
    "dispatch.sending.pauses": {"BREAKER_FOR": BREAKER, "PROBE_FOR": PROBE, "REFUSED_FOR": REFUSED},
    "dispatch.sending.channel_watch": {"STRAGGLERS": STRAGGLERS, "LATELY": LATELY},
    "dispatch.gateways.link_mobility.transport": {
        "TIMEOUT": aiohttp.ClientTimeout(total=4, connect=2)
    },
    "dispatch.gateways.email.smtp": {"MAX_MAIL": 4.0},
    "dispatch.gateways.email.transport": {"MAX_OPENING": 4.0, "MAX_SEND": 8.0},
    "notifications.expansion.claims": {
        "LEASE": ORDER_LEASE,
        "SPREAD": SPREAD,
        "BACK_OFF": _seconds(1, 2, 4, 8, 16),
    },
}


def hurry() -> None:
    """Raises AttributeError for a wait that the product no longer knows."""
    for name, waits in WAITS.items():
        module = importlib.import_module(name)
        for wait, value in waits.items():
            getattr(module, wait)
            setattr(module, wait, value)


django.setup()
hurry()
