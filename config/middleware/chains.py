"""Which middleware a request passes: programs and people each have a chain, from one list."""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import TypeAlias

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest
from django.urls import ResolverMatch
from django.utils.module_loading import import_string

from config.middleware.paths import folded, is_api_path

Handle: TypeAlias = Callable[[HttpRequest], object]


class Audience(Enum):
    """Whose requests pass a middleware. Programs' are those below /notifications/: nothing there
    has a session, a form or a page."""

    ALL = "all"
    PROGRAMS = "programs"
    PEOPLE = "people"


ALL, PROGRAMS, PEOPLE = Audience.ALL, Audience.PROGRAMS, Audience.PEOPLE


def chain_of(audience: Audience, whole: Sequence[tuple[Audience, str]]) -> list[str]:
    return [path for passed_by, path in whole if passed_by in (ALL, audience)]


class ProgramsHandler(BaseHandler):
    """Django's, with the chain of API_MIDDLEWARE, and a memory for addresses without parameters."""

    def __init__(self) -> None:
        self._view_middleware: list[object] = []
        self._template_response_middleware: list[object] = []
        self._exception_middleware: list[object] = []
        self._known: dict[str, ResolverMatch] = {}
        self.handle: Handle = convert_exception_to_response(
            self._get_response  # type: ignore[attr-defined]
        )
        for path in reversed(settings.API_MIDDLEWARE):
            one = import_string(path)(self.handle)
            if hasattr(one, "process_view"):
                self._view_middleware.insert(0, one.process_view)
            if hasattr(one, "process_exception"):
                self._exception_middleware.append(one.process_exception)
            self.handle = convert_exception_to_response(one)

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        """There are no more of these addresses than routes, so none is ever forgotten."""
        match = self._known.get(request.path_info)
        if match is None:
            match = super().resolve_request(request)
            if request.path_info == f"/{match.route}":
                self._known[request.path_info] = match
        request.resolver_match = match
        return match


def lead_apart(handler: BaseHandler) -> None:
    """Have a handler whose middleware is loaded fold addresses (config.middleware.paths), and lead
    programs past what serves people."""
    people: Handle = handler._middleware_chain  # type: ignore[attr-defined]
    programs = ProgramsHandler().handle

    def by_address(request: HttpRequest) -> object:
        request.path_info = path = folded(request.path_info)
        return programs(request) if is_api_path(path) else people(request)

    handler._middleware_chain = by_address  # type: ignore[attr-defined]
