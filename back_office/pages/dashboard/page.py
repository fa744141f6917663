"""The front page's figures: as part of the page, and alone for refreshing them in place."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from back_office.pages.dashboard import figures
from back_office.pages.dashboard.alerts import alerts
from back_office.pages.dashboard.daily_counts import OfChannel
from back_office.pages.dashboard.figures import Figures
from back_office.pages.dashboard.minute_chart import Chart
from back_office.pages.dashboard.operations_status import Counted
from back_office.pages.statistics import links
from back_office.pages.statistics.days import DAY, Bar
from back_office.pages.statistics.links import Linked
from back_office.story.explanations import FAILURES
from notifications.counting.period import Period
from runtime import clock


@never_cache
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    return render(request, "back_office/dashboard.html", context(request))


def context(request: HttpRequest) -> dict[str, object]:
    """What its template shows; the same for all staff, but for the links."""
    found = figures.shared.at(clock.now())
    return {
        "figures": found,
        "alerts": list(_alerts(found, request)),
        "channels": list(_channels(found, request)),
        "week": list(_week(found, request)),
        "failures": _failures(found),
        "chart": Chart(found.events.per_minute) if found.events else None,
        "counts": list(_counts(found, request)),
    }


def _alerts(found: Figures, request: HttpRequest) -> Iterator[tuple[str, str]]:
    """The sentence, and the page to look at for those who may see it."""
    for alert in alerts(found):
        place = alert.place
        may_see = request.user.has_perm(place.permission)
        url = f"{reverse(f'admin:{place.name}')}?{place.query}".rstrip("?") if may_see else ""
        yield alert.words, url


def _channels(
    found: Figures, request: HttpRequest
) -> Iterator[tuple[OfChannel, Mapping[str, Linked]]]:
    """Of each channel its numbers, with the lists of today behind them."""
    may_see = request.user.has_perm(links.PERMISSION)
    for one in found.events.channels if found.events else ():
        counts = {
            "sent": (one.sent, {"sent": "yes"}),
            "delivered": (one.delivered, links.OF_KIND["delivered"]),
            "failed": (one.failed, links.OF_KIND["failed"]),
            "never_sent": (one.never_sent, links.OF_KIND["never_sent"]),
            "on_its_way": (one.on_its_way, {"group": "on-its-way"}),
        }
        address = reverse("admin:notifications_notification_changelist")
        yield (
            one,
            {
                name: Linked(
                    count,
                    f"{address}?{urlencode({'channel': one.channel.value, **filters})}"
                    if may_see and count
                    else "",
                )
                for name, (count, filters) in counts.items()
            },
        )


def _week(found: Figures, request: HttpRequest) -> Iterator[tuple[Bar, Mapping[str, Linked]]]:
    may_see = request.user.has_perm(links.PERMISSION)
    for bar in found.week or ():
        of_day = Period(bar.first, bar.last + DAY)
        yield bar, links.of_outcomes(bar.outcomes, of_day, may_see=may_see)


def _failures(found: Figures) -> list[tuple[str, int]]:
    counts = found.events.failures if found.events else ()
    return [(str(FAILURES[status]), count) for status, count in counts]


def _counts(found: Figures, request: HttpRequest) -> Iterator[tuple[str, Counted | None, str]]:
    """What it is, how many, and the page that lists them, for those who may see it."""
    may = request.user.has_perm
    orders = reverse("admin:orders_order_changelist") if may("orders.view_order") else ""
    held, stopped = f"{orders}?stopping=held", f"{orders}?stopping=stopped&status=Processed"
    yield _("Orders held back"), found.held, held if orders else ""
    yield _("Stopped orders that are still ending"), found.stopped, stopped if orders else ""
    dead = ""
    if may("dispatch.view_deliveryreport"):
        dead = reverse("admin:dispatch_deliveryreport_changelist") + "?state=Dead"
    yield _("Unmatched delivery reports"), found.dead_reports, dead
