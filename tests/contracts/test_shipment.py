"""Shipments and their feed, as far as a caller alone can bring things about."""

from uuid import uuid4

import pytest

from tests.contracts.requests import NEXT_YEAR, PATHS, request_for
from tests.contracts.service import Service, is_empty


@pytest.mark.parametrize("path", PATHS)
def test_every_order_is_a_shipment(service: Service, path: str) -> None:
    later = f"{NEXT_YEAR}-02-01T09:00:00Z"
    request = request_for(path, sendersReference="ref-S", requestedSendTime=later)
    placed = service.place(path, request)
    answer = service.get(f"/future/shipment/{placed['id']}")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.json == {
        "shipmentId": placed["id"],
        "sendersReference": "ref-S",
        "type": "Notification",
        "status": "Order_Registered",
        "lastUpdate": placed["created"],
        "recipients": [],
    }


def test_a_cancelled_shipment_is_told_as_such_and_is_in_no_feed(service: Service) -> None:
    request = request_for("/orders/sms", requestedSendTime=f"{NEXT_YEAR}-02-01T09:00:00Z")
    placed = service.place("/orders/sms", request)
    assert service.put(f"/orders/{placed['id']}/cancel").status == 200
    assert service.get(f"/future/shipment/{placed['id']}").json["status"] == "Order_Cancelled"
    newest = service.get("/future/shipment/feed?orderBy=desc&pageSize=500").json
    assert placed["id"] not in {entry["shipmentId"] for entry in newest}


def test_an_unknown_shipment_has_a_code(service: Service) -> None:
    answer = service.get(f"/future/shipment/{uuid4()}")
    assert answer.status == 404
    assert list(answer.json) == [
        *("type", "title", "status", "code", "traceId", "statusDescription"),
        *("errorCode", "detail"),
    ]
    assert answer.json["code"] == "NOT-00003"


def test_what_is_no_guid_is_no_shipment(service: Service) -> None:
    answer = service.get("/future/shipment/x")
    assert answer.status == 404
    assert is_empty(answer)


def test_the_addresses_count_in_any_case(service: Service) -> None:
    answer = service.get("/FUTURE/Shipment/Feed/?Seq=9223372036854775807&PAGESIZE=1&orderby=ASC")
    assert (answer.status, answer.json) == (200, [])


def test_parameters_of_the_feed_are_read_strictly(service: Service) -> None:
    answer = service.get("/future/shipment/feed?seq=x&orderBy=up")
    assert answer.status == 400
    assert answer.json["errors"] == {
        "Seq": ["The value 'x' is not valid for Seq."],
        "OrderBy": ["The value 'up' is not valid for OrderBy."],
    }
