"""Middleware that serves people with browsers, and that requests to the API go past.

Sessions, log-ins and messages mean nothing to a program.
"""

from collections.abc import Awaitable

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

from config.api.paths import is_api_path


class _GonePast(MiddlewareMixin):
    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if is_api_path(request.path_info):
            return self.get_response(request)
        return super().__call__(request)


class Sessions(_GonePast, SessionMiddleware):
    pass


class Authentication(_GonePast, AuthenticationMiddleware):
    pass


class Messages(_GonePast, MessageMiddleware):
    pass
