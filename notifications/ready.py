"""Which notifications are ready to be sent, and what of them is to be told, as wake-ups call it."""

from collections.abc import Iterable
from datetime import datetime

from notifications import send_window
from notifications.models import NotificationChannel
from orders.models import SendingTimePolicy
from runtime.jobs import wake_ups

SMS = "sms"
EMAIL = "email"
COMPOSED_EMAIL = "composed-email"
ENTRIES = "feed-entries"

ENTRIES_TOGETHER = 0.2
"""Orders end many at a time: who tells of them is woken a few times a second. Seconds."""


def kind(channel: str, policy: str) -> str:
    if policy == SendingTimePolicy.FETCHED:
        return COMPOSED_EMAIL
    return SMS if channel == NotificationChannel.SMS else EMAIL


def tell_of(notifications: Iterable[tuple[str, str]], *, now: datetime) -> None:
    """Of notifications, given by channel and policy, that may leave once the transaction is
    committed; those that wait for their window wake nobody."""
    for channel, policy in set(notifications):
        if send_window.is_open(SendingTimePolicy(policy), now):
            wake_ups.after_commit(kind(channel, policy))


def tell_of_some() -> None:
    """Of whatever kind they are."""
    for one in (SMS, EMAIL, COMPOSED_EMAIL):
        wake_ups.after_commit(one)


def tell_of_entries() -> None:
    """Of what was entered in the feed."""
    wake_ups.after_commit(ENTRIES, wait=ENTRIES_TOGETHER)
