"""Dialogporten is asked with the user's own token, and only its plain yes is one."""

import socket
from collections.abc import Iterator
from uuid import UUID

import pytest
from aiohttp import web
from django.conf import LazySettings

from notifications.reading import dialogporten
from tests.recipients.local_server import Call, LocalServer, never

DIALOG = UUID("0198f1d2-77aa-7c3e-9d21-5b1f60a9c001")
LOOK_UP = "/dialogporten/api/v1/enduser/dialoglookup"


@pytest.fixture
def portal(settings: LazySettings) -> Iterator[LocalServer]:
    """In the place of Dialogporten."""
    running = LocalServer()
    settings.DIALOGPORTEN_URL = f"{running.url}/dialogporten/api/v1/"
    yield running
    running.stop()


def may_see() -> bool:
    return dialogporten.may_see(DIALOG, bearer_token="karis.own.token")


@pytest.mark.parametrize("slash", ["", "/"])
def test_it_is_asked_about_the_dialog_with_the_users_token(
    portal: LocalServer, settings: LazySettings, slash: str
) -> None:
    settings.DIALOGPORTEN_URL = f"{portal.url}/dialogporten/api/v1{slash}"
    portal.answer(LOOK_UP, {"dialogId": str(DIALOG)})
    assert may_see()
    (call,) = portal.calls
    assert (call.request.method, call.request.path) == ("GET", LOOK_UP)
    assert call.request.query == {"instanceRef": f"urn:altinn:dialog-id:{DIALOG}"}
    assert call.headers["Authorization"] == "Bearer karis.own.token"
    assert "Cookie" not in call.headers


@pytest.mark.parametrize("status", [200, 201, 204])
def test_any_2xx_is_a_yes(portal: LocalServer, status: int) -> None:
    portal.answer(LOOK_UP, lambda call: web.Response(status=status))
    assert may_see()


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 403, 404, 410, 429, 500, 503])
def test_anything_else_is_a_no_and_leads_the_token_nowhere(
    portal: LocalServer, status: int
) -> None:
    elsewhere = {"Location": f"{portal.url}/elsewhere"}
    portal.answer(LOOK_UP, lambda call: web.Response(status=status, headers=elsewhere))
    portal.answer("/elsewhere", {})
    assert not may_see()
    assert len(portal.calls) == 1


def test_silence_is_a_no(portal: LocalServer, settings: LazySettings) -> None:
    settings.REGISTER_CALL_TIMEOUT = 0.2
    portal.answer(LOOK_UP, never)
    assert not may_see()


def test_a_lost_connection_is_a_no(portal: LocalServer) -> None:
    async def lose(call: Call) -> object:
        assert call.request.transport is not None
        call.request.transport.close()
        return web.Response()

    portal.answer(LOOK_UP, lose)
    assert not may_see()


def test_where_nobody_listens_is_a_no(settings: LazySettings) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.DIALOGPORTEN_URL = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        assert not may_see()


def test_where_it_is_not_set_nobody_sees_anything(settings: LazySettings) -> None:
    settings.DIALOGPORTEN_URL = ""
    assert not may_see()
