"""The hours in which SMS may leave: 09:00 to (before) 17:00, Norwegian time, every day."""

from datetime import datetime

from django.conf import settings

from notifications.send_hours import SendWindow, parse
from orders.models import SendingTimePolicy


def daytime() -> SendWindow:
    """The installation's window (setting SMS_SEND_WINDOW)."""
    return parse(settings.SMS_SEND_WINDOW)


def is_open(policy: SendingTimePolicy, now: datetime) -> bool:
    """Whether a message of this policy may leave now."""
    return policy != SendingTimePolicy.DAYTIME or daytime().is_open(now)


def earliest(policy: SendingTimePolicy, moment: datetime) -> datetime:
    """The first moment, from the given one on, at which the policy lets a message leave."""
    return moment if policy != SendingTimePolicy.DAYTIME else daytime().next_open(moment)
