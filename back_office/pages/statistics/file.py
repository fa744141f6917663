"""The statistics as CSV: a line for each service owner and channel."""

from collections.abc import Iterable, Iterator

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from back_office.lists.export import writing
from back_office.pages.statistics import page
from back_office.pages.statistics.days import DAY
from back_office.pages.statistics.figures import OfOwner, Statistics
from notifications.counting.period import Within

TOO_LONG = 503


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """What the page shows, and so for whoever may see that; of nobody in person."""
    if not request.user.has_perm(page.PERMISSION):
        raise PermissionDenied
    asked = page.asked_for(request)
    if asked is None:
        return HttpResponseRedirect(reverse("admin:statistics"))
    statistics = page.read(asked)
    if statistics is None:
        return HttpResponse(_("Too much to count in time."), status=TOO_LONG)
    period = statistics.period
    name = f"statistics-{period.first}-{period.after - DAY}.csv"
    return HttpResponse(
        writing.file_of(_lines(statistics)),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


def _lines(statistics: Statistics) -> Iterator[list[object]]:
    statuses = [one.status for one in statistics.failures]
    yield [
        _("from"),
        _("to and including"),
        _("service owner"),
        _("channel"),
        _("notifications"),
        _("delivered"),
        _("failed"),
        _("never sent"),
        _("not finished"),
        _("delivery rate"),
        _("SMS segments"),
        _("cost"),
        _("to the gateway, half within (s)"),
        _("to the gateway, 95 % within (s)"),
        _("to delivery, half within (s)"),
        _("to delivery, 95 % within (s)"),
        *(str(status) for status in statuses),
    ]
    period = statistics.period
    for one in statistics.owners:
        yield [
            period.first,
            period.after - DAY,
            *_cells(one),
            *(one.failures[status] for status in statuses),
        ]


def _cells(one: OfOwner) -> Iterable[object]:
    of = one.numbers.outcomes
    times = (*one.numbers.to_gateway, *one.numbers.to_delivery)
    rate, cost = of.rate, one.numbers.cost
    return (
        one.creator,
        one.channel,
        of.notifications,
        of.delivered,
        of.failed,
        of.never_sent,
        of.unfinished,
        "" if rate is None else f"{rate:.4f}",
        one.numbers.segments,
        "" if cost is None else f"{cost:.2f}",
        *map(_seconds, times),
    )


def _seconds(time: Within | None) -> str:
    """Empty where it is not known, or longer than is told apart."""
    return "" if time is None or time.seconds is None else f"{time.seconds}"
