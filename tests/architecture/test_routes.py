"""Every address asks who is calling, or is listed here as open to anybody."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from config.api.authentication import AltinnTokens
from config.api.permissions import MayCreateNotifications

# Address -> why anybody, or somebody else's guard, may answer there.
OPEN = {
    "health": "load balancers have no token",
    "swagger/": "the description of a public contract",
    "swagger/v1/swagger.json": "the description of a public contract",
    "notifications/sms/api/v1/reports": "the SMS gateway logs in with HTTP Basic",
    "notifications/email/api/v1/mailgun/tracking": "the provider signs its events",
}


def routes(
    patterns: list[URLPattern | URLResolver], prefix: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, address)
        else:
            yield address, pattern


def test_every_route_is_authenticated_or_listed_as_open() -> None:
    unguarded = []
    for address, pattern in routes(get_resolver().url_patterns):
        view = getattr(pattern.callback, "cls", None)
        guarded = (
            view is not None
            and view.authentication_classes == [AltinnTokens]
            and MayCreateNotifications in view.permission_classes
        )
        if not guarded and not address.startswith("admin/") and address not in OPEN:
            unguarded.append(address)
    assert unguarded == []


def test_no_open_route_is_listed_in_vain() -> None:
    assert set(OPEN) - {"notifications/email/api/v1/mailgun/tracking"} <= {
        address for address, _ in routes(get_resolver().url_patterns)
    }
