"""The desk may take so many threads of a web process: the API always has the others."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from prometheus_client import Counter

from config.middleware.language import STAFF_PAGES
from runtime.slots import Slot, Slots

WAIT_SECONDS = 5.0
RETRY_AFTER_SECONDS = 2

REFUSED = Counter(
    "notifications_desk_refused",
    "Requests to the desk that were refused: log-ins from an address that failed too often, log-ins"
    " while others were looked at, pages while too many were made.",
    ["what"],
)
FROM_HERE, LOG_INS, PAGES = (REFUSED.labels(what) for what in ("address", "log-in", "page"))


def busy(refused: Counter) -> HttpResponse:
    refused.inc()
    said = _("The desk has too much to do right now. Try again in a few seconds.")
    answer = HttpResponse(said, status=503, content_type="text/plain; charset=utf-8")
    answer.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return answer


class DeskLimit:
    """Middleware. A page that is written bit by bit, as an export is, keeps its slot until it is
    written or its reader has gone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.slots = Slots(at_once=settings.MAX_DESK_REQUESTS, waiting=1, timeout=WAIT_SECONDS)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(STAFF_PAGES):
            return self.get_response(request)
        slot = self.slots.take()
        if slot is None:
            return busy(PAGES)
        try:
            response = self.get_response(request)
        except BaseException:
            slot.give_back()
            raise
        if response.streaming:
            _keep_until_closed(response, slot)
        else:
            slot.give_back()
        return response


def _keep_until_closed(response: HttpResponse, slot: Slot) -> None:
    close = response.close

    def close_and_give_back() -> None:
        try:
            close()
        finally:
            slot.give_back()

    response.close = close_and_give_back  # type: ignore[method-assign]
