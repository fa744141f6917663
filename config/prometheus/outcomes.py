"""What became of notifications lately, by the daily counts: who is refused, and what arrives."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from prometheus_client.core import Metric

from config.prometheus.families import Values, table
from notifications.counting.period import OfStatus, Period, by_status
from notifications.models import NotificationStatus

S = NotificationStatus

RECENT = timedelta(days=1)
"""Yesterday and today, UTC: what was asked for late in the evening ends after midnight."""
BEFORE = timedelta(days=7)

_UNADDRESSED = {S.FAILED_RECIPIENT_RESERVED, S.FAILED_RECIPIENT_NOT_IDENTIFIED}
# What no gateway was asked about.
_NOT_ASKED = _UNADDRESSED | {S.FAILED_TTL, S.FAILED_INVALID_SAS_URL, S.FAILED_PAYLOAD_TOO_LARGE}
_ARRIVED = {S.DELIVERED, S.SUCCEEDED}


def all_of(*, now: datetime) -> Iterator[Metric]:
    today = now.date()
    recent = by_status(Period(today - RECENT, today + timedelta(days=1)))
    before = by_status(Period(today - RECENT - BEFORE, today - RECENT))
    refused: Counter[tuple[str, ...]] = Counter()
    answered: Counter[tuple[str, ...]] = Counter()
    for one in recent:
        of = (one.channel, one.creator)
        refused[of] += _refused(one)
        answered[of] += _refused(one) + one.sent
    labels = ["channel", "creator"]
    about = "Of yesterday and today: notifications that the gateway"
    yield table("refused", f"{about} did not take, for good.", labels, dict(refused))
    yield table("answered", f"{about} took or did not take.", labels, dict(answered))
    yield from _arrived({"recent": recent, "before": before})


def _refused(one: OfStatus) -> int:
    has_failed = one.status not in _NOT_ASKED | _ARRIVED
    return max(one.notifications - one.unfinished - one.sent, 0) if has_failed else 0


def _arrived(periods: dict[str, list[OfStatus]]) -> Iterator[Metric]:
    ended: Values = {}
    shares: Values = {}
    for period, counts in periods.items():
        total, arrived = _by_channel(counts), _by_channel(_delivered(counts))
        for channel, number in total.items():
            ended[channel, period] = number
            if number:
                shares[channel, period] = arrived[channel] / number
    labels = ["channel", "period"]
    when = "yesterday and today (recent), and in the seven days before"
    about = f"Notifications that had an address and have ended, {when}."
    yield table("ended", about, labels, ended)
    yield table("arrived_share", f"Which share of them arrived, {when}.", labels, shares)


def _delivered(counts: Iterable[OfStatus]) -> list[OfStatus]:
    return [one for one in counts if one.status in _ARRIVED]


def _by_channel(counts: Iterable[OfStatus]) -> Counter[str]:
    total: Counter[str] = Counter()
    for one in counts:
        if one.status not in _UNADDRESSED:
            total[one.channel] += one.notifications - one.unfinished
    return total
