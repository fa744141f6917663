"""Case 15: the name by which mail servers are greeted."""

import pytest
from django.core.checks import CheckMessage
from pytest_django import Settings

from config.checks import mail_servers_can_take_our_name
from dispatch.gateways.email import helo_name


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://varsling.example.no", "varsling.example.no"),
        ("https://varsling.example.no:8443/sti", "varsling.example.no"),
        ("https://blåbær.no", "xn--blbr-roah.no"),
        ("http://127.0.0.1:8000", "[127.0.0.1]"),
        ("http://[::1]:8000", "[IPv6:::1]"),
        ("http://localhost:8000", "localhost"),
        ("", "localhost"),
    ],
)
def test_by_default_it_is_the_host_of_our_public_address(url: str, name: str) -> None:
    assert helo_name.of_address(url) == name
    assert helo_name.is_usable(name)


def found(settings: Settings, name: str) -> list[CheckMessage]:
    settings.EMAIL_HELO_NAME = name
    return mail_servers_can_take_our_name()


@pytest.mark.parametrize("name", ["varsling.example.no", "[192.0.2.1]", "[IPv6:2001:db8::1]"])
def test_a_name_that_servers_take_is_no_finding(settings: Settings, name: str) -> None:
    assert found(settings, name) == []


@pytest.mark.parametrize("name", ["localhost", "3f2a9c1d7e5b"])
def test_a_name_without_a_dot_is_a_warning(settings: Settings, name: str) -> None:
    (warning,) = found(settings, name)
    assert not warning.is_serious()
    assert "has no dot" in warning.msg


@pytest.mark.parametrize(
    "name",
    [
        "our server",
        "a.no\r\nMAIL FROM:<a@b.no>",
        "blåbær.no",
        "under_score.no",
        "-a.no",
        "a..no",
        "a.no.",
        "[192.0.2]",
        "[2001:db8::1]",
        "[IPv6:192.0.2.1]",
        "192.0.2.1",
        "192.0.2.1:25",
        "a" * 64 + ".no",
        "a." * 130 + "no",
    ],
)
def test_a_name_that_is_none_is_refused(settings: Settings, name: str) -> None:
    (error,) = found(settings, name)
    assert error.is_serious()
    assert error.hint
