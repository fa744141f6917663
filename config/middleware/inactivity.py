"""Sessions of staff end once nobody has used them for a while, and with the working day."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from config.middleware.language import STAFF_PAGES
from runtime import clock

WRITTEN_EVERY = 60.0
"""Seconds: how exact the last use is, which is a write to the database."""
BY_ITSELF = ("/admin/dashboard/",)
"""What a page that lies open asks for, whether or not somebody sits before it."""
_BEGAN, _USED = "session_began", "session_used"


class Inactivity:
    """Middleware, behind that which knows the account."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(STAFF_PAGES) and request.user.is_authenticated:
            self._look_at(request)
        return self.get_response(request)

    def _look_at(self, request: HttpRequest) -> None:
        now, session = clock.seconds(), request.session
        began, used = session.get(_BEGAN, now), session.get(_USED, now)
        idle = settings.SESSION_IDLE_MINUTES * 60
        if now - used > idle or now - began > settings.SESSION_COOKIE_AGE:
            logout(request)
        elif request.path_info not in BY_ITSELF and (
            _USED not in session or now - used > min(WRITTEN_EVERY, idle / 2)
        ):
            session[_BEGAN], session[_USED] = began, now
