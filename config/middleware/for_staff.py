"""Middleware that serves people with browsers, and that requests to the API go past.

Sessions, log-ins and messages mean nothing to a program.
"""

from collections.abc import Awaitable

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

from config.middleware.language import STAFF_PAGES
from config.middleware.paths import is_api_path


class _GonePast(MiddlewareMixin):
    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if is_api_path(request.path_info):
            return self.get_response(request)
        return super().__call__(request)


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


class Sessions(_GonePast, SessionMiddleware):
    pass


class Authentication(_GonePast, AuthenticationMiddleware):
    pass


class Messages(_GonePast, MessageMiddleware):
    pass
