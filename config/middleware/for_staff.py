"""What browsers send for a person, as far as it can be text at all."""

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.utils.deprecation import MiddlewareMixin

from config.middleware.language import STAFF_PAGES


class Texts(MiddlewareMixin):
    """Nothing that a browser sends for a person has a NUL in it, and PostgreSQL keeps and looks for
    none: such requests to staff's pages end here, whatever library would take them further. A
    cookie spells one as `\\000` (RFC 2109, section 4.1)."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        if is_for_staff(request) and (
            "\x00" in request.path_info
            or "%00" in request.META.get("QUERY_STRING", "")
            or any("\x00" in value for value in request.COOKIES.values())
        ):
            return HttpResponseBadRequest()
        return None

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponse | None:
        if is_for_staff(request) and any(
            "\x00" in value for _, values in request.POST.lists() for value in values
        ):
            return HttpResponseBadRequest()
        return None


def is_for_staff(request: HttpRequest) -> bool:
    return request.path_info.startswith(STAFF_PAGES)
