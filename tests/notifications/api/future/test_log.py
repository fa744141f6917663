"""The log of a dialog: who reads it, what it needs, and how an entry is written."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest
import time_machine
from aiohttp import web
from django.conf import LazySettings

from notifications.models import NotificationStatus
from orders.limits import rate_counters
from orders.models import Creator
from tests.contracts.tokens import Cast
from tests.in_process_api import Api, is_empty
from tests.notifications.reading.test_dialog_log import DIALOG, TRANSMISSION, about
from tests.recipients.local_server import Call, LocalServer

S = NotificationStatus
END_USER, OWN = "/future/enduser/log", "/future/log"
LOOK_UP = "/enduser/dialoglookup"
SCOPE = "altinn:portal/enduser"
MISSING = "A value for the 'dialogId' parameter or property was not provided."

pytestmark = pytest.mark.django_db


@pytest.fixture
def kari(cast: Cast) -> dict[str, str]:
    """The headers of somebody who has logged in."""
    token = cast.bearer(urn__altinn__org=None, urn__altinn__scope=f"openid {SCOPE}")
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def portal(settings: LazySettings, kari: dict[str, str]) -> Iterator[LocalServer]:
    """Dialogporten, which shows one dialog, and to Kari alone."""

    def show(call: Call) -> object:
        is_hers = call.headers["Authorization"] == kari["Authorization"]
        is_shown = call.request.query["instanceRef"].endswith(DIALOG)
        return web.Response(status=200 if is_hers and is_shown else 404)

    running = LocalServer()
    running.answer(LOOK_UP, show)
    settings.DIALOGPORTEN_URL = running.url
    yield running
    running.stop()


def log(api: Api, path: str, headers: dict[str, str] | None = None) -> Any:
    response = api.get(path, headers=headers)
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "application/json; charset=utf-8"
    return response.json()


def errors(api: Api, path: str, headers: dict[str, str] | None = None) -> Any:
    response = api.get(path, headers=headers)
    assert response.status_code == 400
    return response.json()["errors"]


def test_an_entry_reads_as_the_contract_says(
    api: Api, portal: LocalServer, kari: dict[str, str], ttd: Creator
) -> None:
    placed = about(ttd, S.DELIVERED, transmission_id=TRANSMISSION)
    (entry,) = log(api, f"{END_USER}?dialogId={DIALOG}", kari)
    assert entry == {
        "notificationId": str(placed.notification_set.get().pk),
        "dialogId": DIALOG,
        "transmissionId": TRANSMISSION,
        "type": "Notification",
        "channel": "Sms",
        "destination": "+4799999999",
        "status": "Delivered",
        "requestedSendTime": "2025-08-25T10:00:00Z",
        "lastUpdateTime": "2025-08-25T10:00:00Z",
    }
    assert list(entry)[:4] == ["notificationId", "dialogId", "transmissionId", "type"]


def test_a_user_reads_what_all_service_owners_sent_about_the_dialog(
    api: Api, portal: LocalServer, kari: dict[str, str], ttd: Creator, skd: Creator
) -> None:
    about(ttd, S.DELIVERED)
    about(skd, S.FAILED_UNDELIVERED, transmission_id=TRANSMISSION.upper())
    path = f"{END_USER}?dialogId={DIALOG.upper()}"
    assert {entry["status"] for entry in log(api, path, kari)} == {
        *("Delivered", "Failed_Undelivered"),
    }
    (entry,) = log(api, f"{path}&TransmissionId={TRANSMISSION}", kari)
    assert entry["transmissionId"] == TRANSMISSION.upper()
    assert len(log(api, f"{path}&transmissionId=", kari)) == 2


def test_a_dialog_that_nobody_notified_about_has_an_empty_log(
    api: Api, portal: LocalServer, kari: dict[str, str]
) -> None:
    assert log(api, f"{END_USER}?dialogId={DIALOG}", kari) == []


def test_what_dialogporten_does_not_show_is_not_told(
    api: Api, portal: LocalServer, kari: dict[str, str], ttd: Creator
) -> None:
    about(ttd, S.DELIVERED, dialog_id=TRANSMISSION)
    response = api.get(f"{END_USER}?dialogId={TRANSMISSION}", headers=kari)
    assert response.status_code == 403
    assert is_empty(response)


def test_nor_to_another_user(api: Api, portal: LocalServer, cast: Cast, ttd: Creator) -> None:
    about(ttd, S.DELIVERED)
    ola = {"Authorization": f"Bearer {cast.bearer(urn__altinn__scope=SCOPE, pid='17857810058')}"}
    response = api.get(f"{END_USER}?dialogId={DIALOG}", headers=ola)
    assert response.status_code == 403
    assert is_empty(response)


def test_while_dialogporten_is_away_or_unknown_nothing_is_told(
    api: Api, kari: dict[str, str], ttd: Creator, settings: LazySettings
) -> None:
    about(ttd, S.DELIVERED)
    for address in ("", "http://127.0.0.1:9/"):
        settings.DIALOGPORTEN_URL = address
        response = api.get(f"{END_USER}?dialogId={DIALOG}", headers=kari)
        assert response.status_code == 403
        assert is_empty(response)


def test_who_tries_ids_of_dialogs_is_told_to_wait_and_nobody_else_is(
    api: Api,
    portal: LocalServer,
    cast: Cast,
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.END_USER_REQUESTS_PER_MINUTE = 2
    monkeypatch.setattr(rate_counters, "TIME_OUT", 5.0)
    person = str(uuid4())

    def status(**claims: object) -> int:
        token = cast.bearer(urn__altinn__org=None, urn__altinn__scope=SCOPE, **claims)
        headers = {"Authorization": f"Bearer {token}"}
        return int(api.get(f"{END_USER}?dialogId={uuid4()}", headers=headers).status_code)

    with time_machine.travel(datetime.now(UTC).replace(second=30), tick=False):
        assert [status(pid=person) for _ in range(4)] == [403, 403, 429, 429]
        assert status(pid=str(uuid4())) == status(pid="\ud800") == 403
        # Tokens that name nobody are counted each for itself.
        assert [status() for _ in range(4)] == [403] * 4
    assert len(portal.calls) == 8


def test_a_service_owner_is_no_end_user_and_dialogporten_is_not_asked(
    api: Api, portal: LocalServer, cast: Cast
) -> None:
    own_and_platform = {
        "Authorization": f"Bearer {cast.bearer(urn__altinn__scope='a:b')}",
        "PlatformAccessToken": cast.platform(),
    }
    for headers in (None, own_and_platform, {"PlatformAccessToken": cast.platform()}):
        response = api.get(f"{END_USER}?dialogId={DIALOG}", headers=headers)
        assert response.status_code == 403
    assert portal.calls == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"dialogId": [MISSING]}),
        ("?dialogId=", {"dialogId": ["The value '' is invalid.", MISSING]}),
        ("?dialogId=x", {"dialogId": ["The value 'x' is not valid for dialogId.", MISSING]}),
        (
            f"?dialogId={DIALOG}&transmissionId=y",
            {"transmissionId": ["The value 'y' is not valid for transmissionId."]},
        ),
        (
            "?transmissionId=y",
            {
                "dialogId": [MISSING],
                "transmissionId": ["The value 'y' is not valid for transmissionId."],
            },
        ),
    ],
)
def test_ids_that_are_missing_or_none_are_told(
    api: Api, portal: LocalServer, kari: dict[str, str], query: str, expected: Any
) -> None:
    assert errors(api, END_USER + query, kari) == expected
    assert portal.calls == []


def test_a_service_owner_reads_what_it_sent_itself(api: Api, ttd: Creator, skd: Creator) -> None:
    about(ttd, S.DELIVERED)
    about(skd, S.FAILED_UNDELIVERED)
    assert [entry["status"] for entry in log(api, f"{OWN}?dialogId={DIALOG}")] == ["Delivered"]


@pytest.mark.parametrize("written", [DIALOG, DIALOG.upper(), UUID(DIALOG).hex, "case / 17 æ"])
def test_by_dialog_or_transmission_as_ordered(api: Api, ttd: Creator, written: str) -> None:
    about(ttd, S.DELIVERED, dialog_id=written, transmission_id=f"t {written}")
    for query in (f"dialogId={quote(written)}", f"transmissionId=t%20{quote(written)}"):
        (entry,) = log(api, f"{OWN}?{query}")
        assert entry["dialogId"] == written


@pytest.mark.parametrize("query", ["", "?dialogId=&transmissionId=%20"])
def test_one_of_the_two_is_needed(api: Api, query: str) -> None:
    message = "At least one of 'dialogId' or 'transmissionId' must be provided."
    assert errors(api, OWN + query) == {"dialogId": [message]}


def test_a_null_character_is_in_no_id(api: Api) -> None:
    message = "Null characters are not allowed."
    assert errors(api, f"{OWN}?dialogId=a%00b") == {"dialogId": [message]}


def test_what_no_id_is_given_for_is_left_out(api: Api, ttd: Creator) -> None:
    about(ttd, S.FAILED_RECIPIENT_NOT_IDENTIFIED)
    (entry,) = log(api, f"{OWN}?dialogId={DIALOG}")
    assert "transmissionId" not in entry
