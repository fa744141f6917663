"""Cancelling an order: `PUT /orders/{id}/cancel`."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from script.launcher.system.running_system import BASE, Answer
from tests.contracts.requests import sms
from tests.contracts.service import Service, is_empty
from tests.contracts.tokens import Cast


def due_in(service: Service, minutes: float) -> str:
    """The id of an order for so many minutes from now."""
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    order_id: str = service.place("/orders/sms", sms(requestedSendTime=at.isoformat()))["id"]
    return order_id


def assert_problem(answer: Answer, status: int, section: str, title: str) -> None:
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert list(answer.json.items())[:3] == [
        ("type", f"https://tools.ietf.org/html/rfc9110#section-{section}"),
        ("title", title),
        ("status", status),
    ]
    assert list(answer.json)[3:] == ["traceId"]


def test_an_order_in_ten_minutes_is_cancelled_and_stays_so(service: Service) -> None:
    order_id = due_in(service, 10)
    before = datetime.now(UTC)
    answer = service.put(f"/orders/{order_id}/cancel")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    shown = answer.json["processingStatus"]
    assert shown["status"] == "Cancelled"
    assert shown["description"] == "Order processing was stopped due to order being cancelled."
    assert before <= datetime.fromisoformat(shown["lastUpdate"]) <= datetime.now(UTC)
    assert service.put(f"/orders/{order_id}/cancel").json == answer.json
    assert service.get(f"/orders/{order_id}/status").json == answer.json


@pytest.mark.parametrize("minutes", [-4, 0, 4.5])
def test_an_order_that_is_due_or_about_to_be_is_a_conflict(
    service: Service, minutes: float
) -> None:
    order_id = due_in(service, minutes)
    answer = service.put(f"/orders/{order_id}/cancel")
    assert_problem(answer, 409, "15.5.10", "Conflict")
    status = service.get(f"/orders/{order_id}/status").json["processingStatus"]["status"]
    assert status == "Registered"


def test_an_order_without_a_send_time_is_due_at_once(service: Service) -> None:
    order_id = service.place("/orders/sms", sms())["id"]
    assert service.put(f"/orders/{order_id}/cancel").status == 409


def test_another_creators_order_does_not_exist(service: Service, cast: Cast) -> None:
    other = {"Authorization": f"Bearer {cast.bearer(urn__altinn__org='skd')}"}
    order_id = due_in(service, 60)
    for unknown in (order_id, str(UUID(int=0))):
        answer = service.put(f"/orders/{unknown}/cancel", headers=other)
        assert_problem(answer, 404, "15.5.5", "Not Found")
    assert service.put(f"/orders/{order_id}/cancel").status == 200


def test_an_id_may_be_written_in_any_form_of_a_guid(service: Service) -> None:
    order_id = due_in(service, 60)
    assert service.put(f"/orders/{{{order_id.upper()}}}/cancel").json["id"] == order_id
    refused = service.put("/orders/abc/cancel")
    assert refused.status == 400
    assert refused.json["errors"] == {"id": ["The value 'abc' is not valid."]}


def test_without_a_token_nothing_is_cancelled(service: Service) -> None:
    order_id = due_in(service, 60)
    answer = service.put(f"/orders/{order_id}/cancel", headers={})
    assert answer.status == 401
    assert is_empty(answer)
    status = service.get(f"/orders/{order_id}/status").json["processingStatus"]["status"]
    assert status == "Registered"


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "application/xml"])
def test_a_body_is_not_read(service: Service, content_type: str) -> None:
    headers = {**service.headers, "Content-Type": content_type}
    address = f"{BASE}/orders/{due_in(service, 60)}/cancel"
    assert service.call("PUT", address, b"{", headers=headers).status == 200
