"""The desk's clock: Norwegian time, on every page of the admin."""

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from config.middleware.language import STAFF_PAGES
from runtime.local_time import LOCAL_TIME


class LocalTime:
    """Middleware: pages of the admin show and read Norwegian time; the API's answers stay UTC."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(STAFF_PAGES):
            return self._get_response(request)
        with timezone.override(LOCAL_TIME):
            return self._get_response(request)


def at(moment: datetime, *, now: datetime) -> str:
    """The moment for use in a sentence: the clock alone where the day is today's."""
    local, today = moment.astimezone(LOCAL_TIME), now.astimezone(LOCAL_TIME).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%Y-%m-%d %H:%M}"


def to_the_second(moment: datetime) -> str:
    return f"{moment.astimezone(LOCAL_TIME):%Y-%m-%d %H:%M:%S}"
