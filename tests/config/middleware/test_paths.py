"""Every spelling of an API path leads to the one that the routes know."""

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from config.middleware.paths import ROUTE_WORDS, folded, is_api_path


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/notifications/api/v1/orders", "/notifications/api/v1/orders"),
        ("/Notifications/API/V1/Orders/SMS/", "/notifications/api/v1/orders/sms"),
        ("/notifications/api/v1/orders//", "/notifications/api/v1/orders/"),
        ("/notifications/api/v1/orders/ABC/SMS", "/notifications/api/v1/orders/ABC/sms"),
        ("/notifications/sms/api/v1/Reports/", "/notifications/sms/api/v1/reports"),
        ("/HEALTH/", "/health"),
        ("/Ready/", "/ready"),
        ("/swagger", "/swagger/"),
        ("/notifications/", "/notifications"),
    ],
)
def test_an_api_path_is_folded(path: str, expected: str) -> None:
    assert folded(path) == expected


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/admin/Orders/",
        "/notificationsx/API/",
        "/health/x/",
        "/notifications/email/api/v1/mailgun/tracking/",
        "/static/Notifications/",
    ],
)
def test_any_other_path_is_left_alone(path: str) -> None:
    assert folded(path) == path


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/notifications/api/v1", True), ("/notifications", True), ("/notificationsx", False)],
)
def test_what_belongs_to_the_api(path: str, expected: bool) -> None:
    assert is_api_path(path) is expected


def routes(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, prefix + str(pattern.pattern))
        else:
            yield prefix + str(pattern.pattern)


def test_every_word_of_the_routes_is_folded() -> None:
    words = {
        word
        for route in routes(get_resolver().url_patterns)
        if route.startswith("notifications/") and not route.startswith("notifications/email/")
        for word in route.split("/")
        if not word.startswith("<")
    }
    assert words == set(ROUTE_WORDS)
