"""Where the notifications behind a number are listed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.urls import reverse

from back_office.pages.statistics.days import KINDS
from back_office.pages.statistics.outcomes import Outcomes
from notifications.counting.period import Period

PERMISSION = "notifications.view_notification"
OF_KIND: Mapping[str, Mapping[str, str]] = {
    "notifications": {},
    "delivered": {"group": "delivered"},
    "failed": {"group": "failed", "sent": "yes"},
    "never_sent": {"group": "failed", "sent": "no"},
    "unfinished": {"unfinished": "yes"},
    "segments": {"channel": "Sms", "sent": "yes"},
}
"""By the kinds of `outcomes.Outcomes`, the filters of the list."""


@dataclass(frozen=True, slots=True)
class Linked:
    """A number and the list behind it; no address for those who may not see that."""

    count: int
    url: str


def to_list(period: Period, filters: Mapping[str, str]) -> str:
    """The list goes by Norwegian days, and by when a notification was made or failed."""
    last = period.after - timedelta(days=1)
    asked = {"period_from": period.first.isoformat(), "period_to": last.isoformat()}
    if period.creator_id is not None:
        asked["creator__id__exact"] = str(period.creator_id)
    if period.channel is not None:
        asked["channel"] = period.channel.value
    address = reverse("admin:notifications_notification_changelist")
    return f"{address}?{urlencode({**asked, **filters})}"


def of_outcomes(outcomes: Outcomes, period: Period, *, may_see: bool) -> Mapping[str, Linked]:
    return {
        kind: linked(getattr(outcomes, kind), period, OF_KIND[kind], may_see=may_see)
        for kind in ("notifications", *KINDS)
    }


def linked(count: int, period: Period, filters: Mapping[str, str], *, may_see: bool) -> Linked:
    return Linked(count, to_list(period, filters) if may_see and count else "")
