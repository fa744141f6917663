"""Every address asks who is calling, or is known to be open, and is in the authorization matrix."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from config.api.authentication import AltinnTokens
from config.api.permissions import MayCreateNotifications, MaySupport
from events.api.base import MayHearOfEvents
from notifications.api.future.log import MayReadAsEndUser
from orders.api.future.compose import MayComposeEmail
from tests.contracts.routes import GUARDED, OPEN

# Staff log in there; its own tests are those of the back office.
ADMIN = "admin/"
# Only where a provider reports what became of e-mails.
OPTIONAL = {"notifications/email/api/v1/mailgun/tracking"}

NEEDED = (MayCreateNotifications, MayReadAsEndUser, MayComposeEmail, MaySupport, MayHearOfEvents)


def routes(
    patterns: list[URLPattern | URLResolver], prefix: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, address)
        elif not address.startswith(ADMIN):
            yield address, pattern


def is_guarded(view: Any) -> bool:
    return (
        view is not None
        and view.authentication_classes == [AltinnTokens]
        and any(needed in view.permission_classes for needed in NEEDED)
    )


def all_routes() -> list[tuple[str, Any]]:
    """Each address with the class of its view, None if it is no class."""
    found = routes(get_resolver().url_patterns)
    return [(address, getattr(pattern.callback, "cls", None)) for address, pattern in found]


def test_every_route_is_authenticated_or_listed_as_open() -> None:
    listed = {route.address for route in OPEN}
    assert [a for a, view in all_routes() if not is_guarded(view) and a not in listed] == []


def test_no_open_route_is_listed_in_vain() -> None:
    found = {address for address, view in all_routes() if not is_guarded(view)}
    assert {route.address for route in OPEN} - OPTIONAL == found - OPTIONAL


def test_every_guarded_route_is_in_the_authorization_matrix_with_each_of_its_methods() -> None:
    found = {
        (method.upper(), address)
        for address, view in all_routes()
        if is_guarded(view)
        for method in view.http_method_names
        if hasattr(view, method)
    }
    assert {(route.method, route.address) for route in GUARDED} == found
