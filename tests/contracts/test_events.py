"""Webhooks by API: made, read, changed, rotated, tested and deleted by their owner."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from script.launcher.system.running_system import RunningSystem
from tests.contracts.requests import webhook
from tests.contracts.service import Service, is_empty
from tests.contracts.tokens import EVENTS_SCOPE, Cast

PATH = "/events/subscriptions"
EVENTS = ["shipment.completed", "shipment.condition_not_met", "shipment.cancelled"]


@pytest.fixture
def owner(live_web: RunningSystem, cast: Cast) -> Iterator[Service]:
    """Its webhooks are gone after the test."""
    token = cast.bearer(urn__altinn__scope=EVENTS_SCOPE, urn__altinn__org="events")
    service = Service(port=live_web.port, token=token)
    yield service
    for one in service.get(PATH).json:
        call(service, "DELETE", f"{PATH}/{one['id']}")


def call(service: Service, method: str, path: str, body: bytes | None = None) -> Any:
    headers = service.headers | ({"Content-Type": "application/json"} if body else {})
    return service.call(method, f"/notifications/api/v1{path}", body, headers=headers)


def made(owner: Service, **members: Any) -> dict[str, Any]:
    answer = owner.post(PATH, webhook(**members))
    assert answer.status == 201, answer
    document: dict[str, Any] = answer.json
    assert answer.headers["Location"].endswith(f"{PATH}/{document['id']}")
    return document


def test_a_webhook_is_made_and_its_secret_told_once(owner: Service) -> None:
    document = made(owner)
    assert document["id"] == str(UUID(document["id"]))
    assert document["secret"].startswith("whsec_")
    assert (document["status"], document["eventTypes"]) == ("Active", EVENTS)
    shown = owner.get(f"{PATH}/{document['id']}").json
    assert shown == {name: value for name, value in document.items() if name != "secret"}
    assert owner.get(PATH).json == [shown]


@pytest.mark.parametrize(
    ("members", "key"),
    [
        ({"endpoint": "http://kommune.example/hook"}, "Endpoint"),
        ({"endpoint": "https://kommune.example:8443/hook"}, "Endpoint"),
        ({"endpoint": "https://10.0.0.1/hook"}, "Endpoint"),
        ({"endpoint": "https://0x7f000001/hook"}, "Endpoint"),
        ({"endpoint": "https://a:b@kommune.example/hook"}, "Endpoint"),
        ({"endpoint": "https://kommune.example/#x"}, "Endpoint"),
        ({"endpoint": "kommune.example"}, "Endpoint"),
        ({"endpoint": "https://kommune.example/" + "x" * 2_000}, "Endpoint"),
        ({"endpoint": ""}, "Endpoint"),
        ({"endpoint": None}, "Endpoint"),
        ({"eventTypes": []}, "EventTypes"),
        ({"eventTypes": ["webhook.test"]}, "EventTypes"),
        ({"eventTypes": [1]}, "$.eventTypes"),
    ],
)
def test_what_a_webhook_must_be(owner: Service, members: dict[str, Any], key: str) -> None:
    assert key in owner.errors(PATH, webhook(**members))


def test_a_webhook_is_changed_paused_and_resumed(owner: Service) -> None:
    path = f"{PATH}/{made(owner)['id']}"
    changed = call(owner, "PATCH", path, b'{"EventTypes": ["shipment.cancelled"]}')
    assert (changed.status, changed.json["eventTypes"]) == (200, ["shipment.cancelled"])
    for wanted in ("Paused", "Active"):
        changed = call(owner, "PATCH", path, b'{"status": "%s"}' % wanted.encode())
        assert changed.json["status"] == owner.get(path).json["status"] == wanted
    for refused in (b'{"status": "Ended"}', b'{"endpoint": "http://x.example"}', b"[]", b"null"):
        assert call(owner, "PATCH", path, refused).status == 400


def test_a_new_secret_is_another(owner: Service) -> None:
    document = made(owner)
    rotated = owner.post(f"{PATH}/{document['id']}/secret", b"", content_type="")
    assert rotated.status == 200
    assert rotated.json["secret"] != document["secret"]


def test_a_deleted_webhook_is_gone(owner: Service) -> None:
    path = f"{PATH}/{made(owner)['id']}"
    assert call(owner, "DELETE", path).status == 204
    for method in ("GET", "DELETE"):
        answer = call(owner, method, path)
        assert (answer.status, is_empty(answer)) == (404, True)


def test_a_test_event_is_a_delivery_that_can_be_read_and_sent_again(owner: Service) -> None:
    path = f"{PATH}/{made(owner)['id']}"
    sent = owner.post(f"{path}/test", b"", content_type="")
    assert sent.status == 202
    assert (sent.json["type"], sent.json["status"]) == ("webhook.test", "Waiting")
    delivery = f"{path}/deliveries/{sent.json['id']}"
    assert owner.get(delivery).json == sent.json
    assert owner.post(f"{delivery}/redeliver", b"", content_type="").status == 202
    call(owner, "PATCH", path, b'{"status": "Paused"}')
    for below in (f"{path}/test", f"{delivery}/redeliver"):
        assert owner.post(below, b"", content_type="").status == 409


def test_deliveries_are_listed_page_by_page(owner: Service) -> None:
    path = f"{PATH}/{made(owner)['id']}"
    ids = [owner.post(f"{path}/test", b"", content_type="").json["id"] for _ in range(3)]
    first = owner.get(f"{path}/deliveries?pageSize=2").json
    assert [one["id"] for one in first] == [ids[2], ids[1]]
    rest = owner.get(f"{path}/deliveries?before={ids[1]}&status=waiting").json
    assert [one["id"] for one in rest] == [ids[0]]
    assert owner.get(f"{path}/deliveries?status=Delivered").json == []
    for query in ("status=x", "before=x", "pageSize=x"):
        assert owner.get(f"{path}/deliveries?{query}").status == 400


def test_an_owner_has_a_limited_number_of_webhooks(owner: Service) -> None:
    for _ in range(10):
        made(owner)
    assert owner.post(PATH, webhook()).status == 409
