"""The hours in which SMS may leave: 09:00 to (before) 17:00, Norwegian time, every day."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache

from django.conf import settings

from orders.models import SendingTimePolicy
from runtime.local_time import OSLO, later

MIDNIGHT = time(0)
# From 02:00 on, an hour is left out in March and comes twice in October.
CHANGING_HOUR = 2


@dataclass(frozen=True, slots=True)
class SendWindow:
    """Wall-clock hours in Oslo. `end` at midnight means the end of the day."""

    start: time
    end: time

    def is_open(self, now: datetime) -> bool:
        """Whether an SMS may begin to leave at this moment."""
        clock = now.astimezone(OSLO).time()
        return self.start <= clock and (self.end == MIDNIGHT or clock < self.end)

    def next_open(self, moment: datetime) -> datetime:
        """The moment itself if the window is open then, else when it opens next (UTC).

        The opening is a time on the wall, so its distance changes with daylight saving.
        """
        if self.is_open(moment):
            return moment
        local = moment.astimezone(OSLO)
        day = local if local.time() < self.start else later(local, timedelta(days=1))
        return datetime.combine(day, self.start, tzinfo=OSLO).astimezone(UTC)


@lru_cache
def parse(text: str) -> SendWindow:
    """Read "09:00-17:00"; "00:00-24:00" is all day. Raises ValueError where it is no window."""
    first, _, last = text.partition("-")
    start = time.fromisoformat(first)
    end = MIDNIGHT if last == "24:00" else time.fromisoformat(last)
    if end != MIDNIGHT and end <= start:
        raise ValueError(f"The send window {text!r} ends before it starts.")
    if CHANGING_HOUR in (start.hour, end.hour):
        raise ValueError(f"The send window {text!r} starts or ends while clocks may change.")
    return SendWindow(start, end)


def daytime() -> SendWindow:
    """The installation's window (setting SMS_SEND_WINDOW)."""
    return parse(settings.SMS_SEND_WINDOW)


def is_open(policy: SendingTimePolicy, now: datetime) -> bool:
    """Whether a message of this policy may leave now."""
    return policy == SendingTimePolicy.ANYTIME or daytime().is_open(now)


def earliest(policy: SendingTimePolicy, moment: datetime) -> datetime:
    """The first moment, from the given one on, at which the policy lets a message leave."""
    return moment if policy == SendingTimePolicy.ANYTIME else daytime().next_open(moment)
