"""The front page's figures: as part of the page, and alone for refreshing them in place."""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from back_office.pages.dashboard import figures
from back_office.pages.dashboard.alerts import alerts
from back_office.pages.dashboard.figures import Figures
from back_office.pages.dashboard.minute_chart import Chart
from back_office.pages.dashboard.operations_status import Counted
from back_office.story.explanations import FAILURES
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
        "alerts": alerts(found),
        "failures": _failures(found),
        "chart": Chart(found.events.per_minute) if found.events else None,
        "counts": list(_counts(found, request)),
    }


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
