"""The monthly page: how much each service owner ordered, and how much of it arrived."""

import calendar

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from notifications.api.metrics.key import refusal, wrong_method
from notifications.counting import month
from runtime import clock

_YEARS_BEFORE = 5
_MONTHS = [(number, calendar.month_name[number]) for number in range(1, 13)]


@method_decorator(csrf_exempt, name="dispatch")
class MonthlyPage(View):
    """The form is a question: it changes nothing, so nobody gains by making others send it."""

    http_method_names = ["get", "post"]

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if str(request.method).lower() not in self.http_method_names:
            return wrong_method(self.http_method_names)
        refused = refusal(request, also_basic=True)
        return refused or super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        now = clock.now()
        return _page(request, now.year, now.month)

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            year, wanted = int(request.POST["year"]), int(request.POST["month"])
        except (KeyError, ValueError):
            return _wrong(request)
        if not (1 <= wanted <= 12 and 1 <= year < 9999):
            return _wrong(request)
        return _page(request, year, wanted, owners=month.of_all(year=year, month=wanted))


def _wrong(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    return _page(request, now.year, now.month, status=400, error="Choose a month and a year.")


def _page(
    request: HttpRequest, year: int, wanted: int, *, status: int = 200, **shown: object
) -> HttpResponse:
    this_year = clock.now().year
    context = {
        "month": wanted,
        "year": year,
        "month_name": calendar.month_name[wanted],
        "months": _MONTHS,
        "years": range(this_year, this_year - _YEARS_BEFORE - 1, -1),
        **shown,
    }
    return render(request, "notifications/metrics.html", context, status=status)
