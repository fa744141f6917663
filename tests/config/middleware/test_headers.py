"""Browsers are told what to refuse, page by page."""

from itertools import product

import pytest
from django.conf import LazySettings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory
from django.urls import get_resolver

from config.middleware.headers import NOTHING, SecurityHeaders, written
from tests.addresses import addresses


def policy_of(answer: HttpResponseBase) -> dict[str, list[str]]:
    """Each directive with its sources."""
    directives = answer.headers["Content-Security-Policy"].split("; ")
    return {words[0]: words[1:] for words in (one.split() for one in directives)}


@pytest.mark.parametrize("path", ["/notifications/api/v1/orders/1", "/health", "/nowhere"])
def test_programs_answers_may_do_nothing_in_a_browser(client: Client, db: None, path: str) -> None:
    answer = client.get(path)
    assert answer.headers["Content-Security-Policy"] == written(NOTHING)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/admin/login/", "/admin/", "/swagger/"])
def test_pages_run_only_our_own_files_and_stand_in_no_frame(
    client: Client, db: None, path: str
) -> None:
    answer = client.get(path)
    policy = policy_of(answer)
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == ["'self'"]  # attack A23
    assert policy["frame-ancestors"] == ["'none'"]
    hosts = {source for sources in policy.values() for source in sources}
    assert hosts <= {"'none'", "'self'", "'unsafe-inline'", "data:"}
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in answer.headers["Permissions-Policy"]


KEPT = {"/admin/jsi18n/"}
"""Translations of the admin's own scripts are the same for everybody."""


def test_attack_a31_no_answer_is_kept_by_any_cache(admin_client: Client) -> None:
    admin_client.raise_request_exception = False
    found = set(addresses(get_resolver().url_patterns)) - KEPT
    assert len(found) > 50
    for method, path in product(("get", "post", "delete"), sorted(found)):
        answer = getattr(admin_client, method)(path)
        assert "no-store" in answer.headers["Cache-Control"], (method, path)


def test_files_may_be_kept(client: Client) -> None:
    assert "max-age" in client.get("/static/back_office/desk.css").headers["Cache-Control"]


def test_a_policy_of_a_views_own_stays() -> None:
    def view(request: object) -> HttpResponse:
        return HttpResponse(headers={"Content-Security-Policy": "default-src 'self'"})

    answer = SecurityHeaders(view)(RequestFactory().get("/admin/"))
    assert answer.headers["Content-Security-Policy"] == "default-src 'self'"


def test_plain_http_is_led_to_tls_except_for_probes(
    client: Client, db: None, settings: LazySettings
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 60
    assert client.get("/admin/").headers["Location"].startswith("https://")
    assert client.get("/health").status_code == 200
    proxied = client.get("/admin/login/", headers={"X-Forwarded-Proto": "https"})
    assert proxied.headers["Strict-Transport-Security"] == "max-age=60"
