"""Machines ask how the process is by whatever address they know (case 08)."""

import pytest
from django.test import Client
from django.urls import get_resolver
from pytest_django import Settings

from config.middleware.probes import PROBES


@pytest.fixture(autouse=True)
def _one_host(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["varsling.example.no"]
    settings.SECURE_SSL_REDIRECT = True


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["10.2.3.4:8000", "web", "[::1]:8000", "no host !", ""])
@pytest.mark.parametrize("path", sorted(PROBES))
def test_probes_are_answered_whatever_the_host_is_called(path: str, host: str) -> None:
    assert Client().get(path, headers={"Host": host}).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/admin/", "/notifications/api/v1/orders", "/healthy"])
def test_everything_else_is_for_the_known_hosts(path: str) -> None:
    assert Client().get(path, headers={"Host": "10.2.3.4:8000"}).status_code == 400


def test_a_probe_is_an_address_that_exists() -> None:
    for path in PROBES:
        get_resolver().resolve(path)
