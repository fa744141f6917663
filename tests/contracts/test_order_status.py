"""Reading how far an order has come: `GET /orders/{id}/status`.

Here nothing is processed; tests/notifications/api goes through all the statuses.
"""

from uuid import UUID

import pytest

from tests.contracts.requests import NEXT_YEAR, order, sms
from tests.contracts.service import Service, is_empty
from tests.contracts.tokens import Cast


def test_a_registered_order_awaits_its_time(service: Service) -> None:
    placed = service.place(
        "/orders",
        order(
            sendersReference="ref",
            requestedSendTime=f"{NEXT_YEAR}-01-10T09:00:00+01:00",
            conditionEndpoint="https://example.com/condition",
            ignoreReservation=True,
            resourceId="app_ttd_apps-test",
            resourceAction="sign",
        ),
    )
    answer = service.get(f"/orders/{placed['id']}/status")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert list(answer.json.items()) == [
        ("id", placed["id"]),
        ("sendersReference", "ref"),
        ("requestedSendTime", f"{NEXT_YEAR}-01-10T08:00:00Z"),
        ("creator", "ttd"),
        ("created", placed["created"]),
        ("notificationChannel", "EmailPreferred"),
        ("ignoreReservation", True),
        ("resourceId", "app_ttd_apps-test"),
        ("resourceAction", "sign"),
        (
            "processingStatus",
            {
                "status": "Registered",
                "description": (
                    "Order has been registered and is awaiting requested send time before"
                    " processing."
                ),
                "lastUpdate": placed["created"],
            },
        ),
        ("conditionEndpoint", "https://example.com/condition"),
    ]
    assert list(answer.json["processingStatus"]) == ["status", "description", "lastUpdate"]


def test_progress_tells_what_a_registered_order_waits_for(service: Service) -> None:
    placed = service.place("/orders/sms", sms(requestedSendTime=f"{NEXT_YEAR}-01-10T08:00:00Z"))
    answer = service.get(f"/orders/{placed['id']}/progress")
    assert answer.status == 200
    assert answer.json == {
        "id": placed["id"],
        "status": "Registered",
        "lastUpdate": placed["created"],
        "final": False,
        "underWay": 0,
        "succeeded": 0,
        "failed": 0,
        "email": {},
        "sms": {},
        "waitsUntil": {"reason": "Scheduled", "until": f"{NEXT_YEAR}-01-10T08:00:00Z"},
    }
    service.put(f"/orders/{placed['id']}/cancel")
    cancelled = service.get(f"/orders/{placed['id']}/progress").json
    assert (cancelled["final"], "waitsUntil" in cancelled) == (True, False)


@pytest.mark.parametrize("reference", [None, "", " "])
def test_a_blank_reference_is_left_out(service: Service, reference: str | None) -> None:
    order_id = service.place("/orders/sms", sms(sendersReference=reference))["id"]
    assert "sendersReference" not in service.get(f"/orders/{order_id}/status").json


def test_another_creators_order_does_not_exist(service: Service, cast: Cast) -> None:
    other = {"Authorization": f"Bearer {cast.bearer(urn__altinn__org='skd')}"}
    order_id = service.place("/orders/sms", sms())["id"]
    for unknown in (order_id, str(UUID(int=0))):
        answer = service.get(f"/orders/{unknown}/status", headers=other)
        assert answer.status == 404
        assert is_empty(answer)


def test_an_id_may_be_written_in_any_form_of_a_guid(service: Service) -> None:
    order_id = service.place("/orders/sms", sms())["id"]
    answer = service.get(f"/orders/{UUID(order_id).hex.upper()}/status")
    assert answer.json["id"] == order_id
    refused = service.get("/orders/abc/status")
    assert refused.status == 400
    assert refused.json["errors"] == {"id": ["The value 'abc' is not valid."]}
