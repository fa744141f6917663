"""Reading a shipment: how it stands, and each of its notifications."""

import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from notifications.models import NotificationChannel, NotificationStatus
from notifications.reading import shipments
from orders import creators
from orders.models import Channel, Creator, Order, OrderStatus
from tests import building
from tests.building import NOON, notification
from tests.contracts.tokens import Cast
from tests.dispatch.waiting import copies_of
from tests.in_process_api import Api, is_empty

S = NotificationStatus
SHOWN = {
    "Registered": "Order_Registered",
    "Processing": "Order_Processing",
    "Processed": "Order_Processed",
    "Completed": "Order_Completed",
    "SendConditionNotMet": "Order_SendConditionNotMet",
    "Cancelled": "Order_Cancelled",
}

pytestmark = pytest.mark.django_db


def shipment(api: Api, shipment_id: object) -> Any:
    response = api.get(f"/future/shipment/{shipment_id}")
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "application/json; charset=utf-8"
    return orjson.loads(response.getvalue())


def test_it_reads_as_the_contract_says(api: Api, ttd: Creator) -> None:
    placed = building.order(
        ttd,
        Channel.EMAIL_AND_SMS,
        senders_reference="ref-M",
        status="Completed",
        status_at=NOON + timedelta(minutes=2),
    )
    later = NOON + timedelta(minutes=1, microseconds=500_000)
    notification(placed, S.DELIVERED, channel=NotificationChannel.SMS)
    notification(placed, S.FAILED_BOUNCED, channel=NotificationChannel.EMAIL, now=later)
    found = shipment(api, placed.pk)
    assert found == {
        "shipmentId": str(placed.pk),
        "sendersReference": "ref-M",
        "type": "Notification",
        "status": "Order_Completed",
        "lastUpdate": "2025-08-25T10:02:00Z",
        "recipients": [
            {
                "type": "Email",
                "destination": "kari@example.com",
                "status": "Email_Failed_Bounced",
                "lastUpdate": "2025-08-25T10:01:00.5Z",
            },
            {
                "type": "SMS",
                "destination": "+4799999999",
                "status": "SMS_Delivered",
                "lastUpdate": "2025-08-25T10:00:00Z",
            },
        ],
    }
    assert list(found) == [
        *("shipmentId", "sendersReference", "type", "status", "lastUpdate", "recipients")
    ]
    assert list(found["recipients"][0]) == ["type", "destination", "status", "lastUpdate"]


def test_every_status_of_an_order_has_its_word_here() -> None:
    assert set(SHOWN) == set(OrderStatus.values)


@pytest.mark.parametrize("status", SHOWN)
def test_a_shipment_without_notifications_has_no_recipients(
    api: Api, ttd: Creator, status: str
) -> None:
    placed = building.order(ttd, status=status)
    found = shipment(api, placed.pk)
    assert found["status"] == SHOWN[status]
    assert found["recipients"] == []


@pytest.mark.parametrize("reference", [None, "", "  "])
def test_a_blank_reference_is_left_out(api: Api, ttd: Creator, reference: str | None) -> None:
    placed = building.order(ttd, senders_reference=reference)
    assert "sendersReference" not in shipment(api, placed.pk)


def test_whoever_has_no_address_has_an_empty_one(api: Api, ttd: Creator) -> None:
    placed = building.processed_order(ttd)
    notification(placed, S.FAILED_RECIPIENT_RESERVED, address="", normalized_address="")
    (told,) = shipment(api, placed.pk)["recipients"]
    assert (told["destination"], told["status"]) == ("", "SMS_Failed_RecipientReserved")


def test_what_is_purged_has_no_destination(api: Api, ttd: Creator) -> None:
    placed = building.processed_order(ttd, S.DELIVERED, status="Completed", purged_at=NOON)
    placed.notification_set.update(address="", normalized_address="")
    (told,) = shipment(api, placed.pk)["recipients"]
    assert list(told) == ["type", "status", "lastUpdate"]


def test_an_id_may_be_written_in_any_form(api: Api, ttd: Creator) -> None:
    placed = building.order(ttd)
    for written in (placed.pk.hex, str(placed.pk).upper(), f"{{{placed.pk}}}"):
        assert shipment(api, written)["shipmentId"] == str(placed.pk)


def test_an_unknown_shipment_is_told_as_such(api: Api, cast: Cast, ttd: Creator) -> None:
    of_ttd = building.order(ttd)
    of_skd = {"Authorization": f"Bearer {cast.bearer(urn__altinn__org='skd')}"}
    for shipment_id, headers in ((UUID(int=0), None), (of_ttd.pk, of_skd)):
        response = api.get(f"/future/shipment/{shipment_id}", headers=headers)
        assert response.status_code == 404
        problem = response.json()
        assert problem.pop("traceId")
        assert problem == {
            "type": "urn:altinn:error:NOT-00003",
            "title": "Shipment not found",
            "status": 404,
            "code": "NOT-00003",
            "statusDescription": "Not Found",
            "errorCode": "NOT-00003",
            "detail": "Shipment not found",
        }


@pytest.mark.parametrize("text", ["x", "1", "feeds", "f1a1cc30-197f-4f34-8304-006ce4945fd"])
def test_what_is_no_guid_is_no_address(api: Api, text: str) -> None:
    response = api.get(f"/future/shipment/{text}")
    assert response.status_code == 404
    assert is_empty(response)


def test_it_costs_two_queries(
    api: Api, ttd: Creator, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    placed = building.processed_order(ttd, S.DELIVERED, S.ACCEPTED, S.NEW)
    creators.speaking_for(creators.Caller("ttd"))
    with django_assert_num_queries(2):
        assert len(shipment(api, placed.pk)["recipients"]) == 3


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipments, "PAGE", 3)


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 9, 10, 11])
def test_pages_leave_nothing_out_and_tell_nothing_twice(api: Api, ttd: Creator, count: int) -> None:
    placed = building.order(ttd, Channel.EMAIL_AND_SMS)
    for number in range(count):
        for channel in (NotificationChannel.SMS, NotificationChannel.EMAIL):
            notification(placed, S.DELIVERED, channel=channel, address=f"{channel}{number}")
    told = [recipient["destination"] for recipient in shipment(api, placed.pk)["recipients"]]
    emails, sms = ([f"{word}{number}" for number in range(count)] for word in ("Email", "Sms"))
    assert told == emails + sms


@pytest.mark.usefixtures("small_pages")
def test_a_page_is_read_when_it_is_taken(ttd: Creator) -> None:
    placed = building.processed_order(ttd, *[S.NEW] * 7)
    pages = shipments.deliveries(placed.pk)
    assert {delivery.status for delivery in next(pages)} == {"New"}
    placed.notification_set.update(status="Delivered", finished_at=NOON, expires_at=None)
    assert {delivery.status for delivery in next(pages)} == {"Delivered"}


def peak_of(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def large_order(creator: Creator, count: int) -> Order:
    made = building.processed_order(creator)
    copies_of(notification(made), count - 1)
    return made


def test_a_large_shipment_takes_no_more_memory_than_a_small_one(api: Api, ttd: Creator) -> None:
    few, many = large_order(ttd, 5_000), large_order(ttd, 40_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    def read(placed: Order) -> int:
        response = api.get(f"/future/shipment/{placed.pk}")
        return sum(piece.count(b'"SMS_New"') for piece in response.streaming_content)

    assert (read(few), read(many)) == (5_000, 40_000)
    assert peak_of(lambda: read(many)) < 1.2 * peak_of(lambda: read(few))
