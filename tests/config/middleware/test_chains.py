"""Programs and people each have a chain of middleware, and both are safe."""

import pytest
from django.conf import LazySettings, settings
from django.http import Http404
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from config.middleware.chains import ProgramsHandler

FOR_ALL = [
    "config.middleware.headers.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "config.api.errors.DatabaseAway",
    "config.middleware.probes.KnownHosts",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
FOR_PEOPLE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "config.middleware.for_staff.Texts",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "axes.middleware.AxesMiddleware",
]
PROGRAM, PERSON = "/notifications/api/v1/orders", "/admin/login/"


@pytest.mark.parametrize("name", ["API_MIDDLEWARE", "MIDDLEWARE"])
def test_what_protects_all_is_in_both_chains_in_this_order(name: str) -> None:
    assert [one for one in getattr(settings, name) if one in FOR_ALL] == FOR_ALL


def test_what_protects_people_is_in_theirs() -> None:
    assert [one for one in settings.MIDDLEWARE if one in FOR_PEOPLE] == FOR_PEOPLE
    assert not set(settings.API_MIDDLEWARE) & set(FOR_PEOPLE)


@pytest.mark.django_db
@pytest.mark.parametrize("path", [PROGRAM, PERSON])
def test_answers_to_both_are_protected(path: str) -> None:
    headers = Client().get(path).headers
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", [PROGRAM, PERSON])
def test_hosts_that_are_not_ours_are_refused_to_both(path: str, settings: LazySettings) -> None:
    settings.ALLOWED_HOSTS = ["notifications.example"]
    assert Client().get(path, headers={"host": "somebody.else.example"}).status_code == 400


def routes(resolver: URLResolver, prefix: str = "") -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for one in resolver.url_patterns:
        route = prefix + str(one.pattern)
        if isinstance(one, URLPattern):
            found.append((route, one.callback))
        else:
            found += routes(one, route)
    return found


def test_no_address_of_programs_relies_on_a_session_or_a_form() -> None:
    """So none of them misses the check of tokens against CSRF, which people's chain has."""
    below = {
        route: view for route, view in routes(get_resolver()) if "notifications/" in route[:14]
    }
    assert len(below) > 20
    checked = {route for route, view in below.items() if not getattr(view, "csrf_exempt", False)}
    assert checked == set()


def test_only_addresses_without_parameters_are_remembered(rf: RequestFactory) -> None:
    handler = ProgramsHandler()
    for path in (PROGRAM, f"{PROGRAM}/1", PROGRAM, f"{PROGRAM}/2"):
        request = rf.get(path)
        assert handler.resolve_request(request) is request.resolver_match
    assert list(handler._known) == [PROGRAM]
    with pytest.raises(Http404):
        handler.resolve_request(rf.get(f"{PROGRAM}/1/2/3"))
