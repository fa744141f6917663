"""The statistics as a page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from back_office.lists.paging import QueryTimedOut, statement_timeout
from back_office.pages.statistics import figures, links
from back_office.pages.statistics.days import DAY, Bar
from back_office.pages.statistics.figures import Numbers, OfOwner, Statistics
from back_office.pages.statistics.links import OF_KIND, Linked
from back_office.story.explanations import FAILURES
from back_office.wording.labels import CHANNEL_WORDS
from notifications.counting.period import Period
from notifications.models import NotificationChannel
from orders.models import Creator
from runtime import clock

PERMISSION = "notifications.view_dailycount"
PERIODS = (7, 30, 365)
QUERY_TIMEOUT = timedelta(seconds=5)
MAX_OWNERS = 100
"""Rows of the page; a file has all."""
KIND_WORDS = {
    "delivered": gettext_lazy("Delivered"),
    "failed": gettext_lazy("Failed"),
    "never_sent": gettext_lazy("Never sent"),
    "unfinished": gettext_lazy("Not finished"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the query string asks for."""

    days: int = PERIODS[0]
    creator: Creator | None = None
    channel: NotificationChannel | None = None

    def query(self, **changed: object) -> str:
        values = {
            "days": self.days,
            "creator": self.creator.pk if self.creator else "",
            "channel": self.channel.value if self.channel else "",
            **changed,
        }
        return urlencode({name: value for name, value in values.items() if value != ""})

    def period(self) -> Period:
        return figures.last_days(
            self.days,
            today=clock.now().astimezone(UTC).date(),
            creator_id=self.creator.pk if self.creator else None,
            channel=self.channel,
        )


@never_cache
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    asked = asked_for(request)
    if asked is None:
        return HttpResponseRedirect(reverse("admin:statistics"))
    return TemplateResponse(
        request,
        "back_office/statistics.html",
        {**admin.site.each_context(request), "title": _("Statistics"), **_context(request, asked)},
    )


def asked_for(request: HttpRequest) -> Asked | None:
    """None where it makes no sense."""
    asked = request.GET
    days, creator, channel = (asked.get(name, "") for name in ("days", "creator", "channel"))
    if days not in ("", *map(str, PERIODS)) or channel not in ("", *NotificationChannel.values):
        return None
    found = None
    if creator:
        known = creator.isdecimal() and creator.isascii() and len(creator) < 19
        found = Creator.objects.filter(pk=int(creator)).first() if known else None
        if found is None:
            return None
    return Asked(int(days or PERIODS[0]), found, NotificationChannel(channel) if channel else None)


def read(asked: Asked) -> Statistics | None:
    """None where it takes too long."""
    try:
        with statement_timeout(QUERY_TIMEOUT):
            return figures.read(asked.period())
    except QueryTimedOut:
        return None


def _context(request: HttpRequest, asked: Asked) -> dict[str, object]:
    statistics = read(asked)
    shown = _shown(statistics, asked, may_see=request.user.has_perm(links.PERMISSION))
    return {
        "asked": asked,
        "statistics": statistics,
        "periods": [(days, asked.query(days=days), days == asked.days) for days in PERIODS],
        "channels": [
            (words, asked.query(channel=value), value == (asked.channel or ""))
            for value, words in [
                ("", _("All")),
                *((c.value, CHANNEL_WORDS[c]) for c in NotificationChannel),
            ]
        ],
        "of_all_owners": asked.query(creator=""),
        "export_url": f"{reverse('admin:statistics_export')}?{asked.query()}",
        **shown,
    }


def _shown(statistics: Statistics | None, asked: Asked, *, may_see: bool) -> Mapping[str, object]:
    if statistics is None:
        return {}
    period = statistics.period
    owners = statistics.owners[:MAX_OWNERS]
    return {
        "last_day": period.after - DAY,
        "before_first": statistics.before.first,
        "before_last": statistics.before.after - DAY,
        "total": _linked(statistics.total, period, may_see=may_see),
        "owners": [_row(one, asked, period, may_see=may_see) for one in owners],
        "more_owners": len(statistics.owners) - len(owners),
        "failures": [
            {
                "words": FAILURES[one.status],
                "now": links.linked(one.count, period, {"status": one.status}, may_see=may_see),
                "before": links.linked(
                    one.before, statistics.before, {"status": one.status}, may_see=may_see
                ),
            }
            for one in statistics.failures
        ],
        "bars": list(_bars(statistics, may_see=may_see)),
        "kinds": KIND_WORDS,
    }


def _row(one: OfOwner, asked: Asked, period: Period, *, may_see: bool) -> dict[str, object]:
    own = replace(period, creator_id=one.creator_id, channel=one.channel)
    return {
        "of": one,
        "query": asked.query(creator=one.creator_id),
        "linked": _linked(one.numbers, own, may_see=may_see),
    }


def _bars(statistics: Statistics, *, may_see: bool) -> Iterator[tuple[Bar, Mapping[str, Linked]]]:
    for bar in statistics.chart.bars:
        of_bar = replace(statistics.period, first=bar.first, after=bar.last + DAY)
        yield bar, links.of_outcomes(bar.outcomes, of_bar, may_see=may_see)


def _linked(numbers: Numbers, period: Period, *, may_see: bool) -> Mapping[str, Linked]:
    segments = links.linked(numbers.segments, period, OF_KIND["segments"], may_see=may_see)
    return {**links.of_outcomes(numbers.outcomes, period, may_see=may_see), "segments": segments}
