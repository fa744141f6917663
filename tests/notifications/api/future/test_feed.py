"""Reading the feed: its parameters, and how an entry is written."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from notifications.models import NotificationChannel, NotificationStatus, StatusFeedEntry
from notifications.results import feed
from orders.models import Channel, Creator
from tests import building
from tests.building import NOON, ids, notification, processed_order
from tests.in_process_api import Api

S = NotificationStatus
FEED = "/future/shipment/feed"

pytestmark = pytest.mark.django_db


def entries(api: Api, query: str = "") -> Any:
    response = api.get(FEED + query)
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "application/json; charset=utf-8"
    return response.json()


def ended(creator: Creator, count: int) -> list[str]:
    """The ids of so many shipments that have ended."""
    orders = [processed_order(creator, S.DELIVERED, status="Completed") for _ in range(count)]
    feed.publish(ids(orders), now=NOON)
    return [str(placed.pk) for placed in orders]


def listed(api: Api, query: str = "") -> list[str]:
    return [entry["shipmentId"] for entry in entries(api, query)]


def test_an_entry_reads_as_the_contract_says(api: Api, ttd: Creator) -> None:
    placed = building.order(
        ttd, Channel.EMAIL_AND_SMS, senders_reference="ref-M", status="Completed"
    )
    later = NOON + timedelta(minutes=1, microseconds=818_288)
    notification(placed, S.FAILED_RECIPIENT_NOT_IDENTIFIED, address="", normalized_address="")
    notification(placed, S.DELIVERED, channel=NotificationChannel.EMAIL, now=later)
    feed.publish([placed.pk], now=later)
    (entry,) = entries(api)
    assert entry == {
        "sequenceNumber": StatusFeedEntry.objects.get().pk,
        "shipmentId": str(placed.pk),
        "sendersReference": "ref-M",
        "recipients": [
            {
                "type": "Email",
                "destination": "kari@example.com",
                "status": "Email_Delivered",
                "lastUpdate": "2025-08-25T10:01:00.818288Z",
            },
            {
                "type": "SMS",
                "destination": "",
                "status": "SMS_Failed_RecipientNotIdentified",
                "lastUpdate": "2025-08-25T10:00:00Z",
            },
        ],
        "status": "Order_Completed",
        "lastUpdate": "2025-08-25T10:01:00.818288Z",
        "shipmentType": "Notification",
        "type": "Notification",
    }
    assert list(entry)[:7] == [
        *("sequenceNumber", "shipmentId", "sendersReference", "recipients", "status"),
        *("lastUpdate", "shipmentType"),
    ]


def test_a_shipment_whose_condition_was_not_met_has_no_recipients(api: Api, ttd: Creator) -> None:
    placed = building.order(ttd, status="SendConditionNotMet", senders_reference=" ")
    feed.publish([placed.pk], now=NOON)
    (entry,) = entries(api)
    assert (entry["status"], entry["recipients"]) == ("Order_SendConditionNotMet", [])
    assert "sendersReference" not in entry


def test_what_is_purged_has_no_destination(api: Api, ttd: Creator) -> None:
    ended(ttd, 1)
    StatusFeedEntry.objects.update(
        recipients=[{"channel": "Sms", "status": "Delivered", "lastUpdate": NOON.isoformat()}]
    )
    (entry,) = entries(api)
    assert entry["recipients"] == [
        {"type": "SMS", "status": "SMS_Delivered", "lastUpdate": "2025-08-25T10:00:00Z"}
    ]


def test_nothing_is_an_empty_list(api: Api) -> None:
    assert entries(api) == []


def test_a_sender_that_remembers_the_last_number_reads_everything_once(
    api: Api, ttd: Creator
) -> None:
    made = ended(ttd, 5)
    seen, last = [], 0
    while found := entries(api, f"?seq={last}&pageSize=2"):
        seen += [entry["shipmentId"] for entry in found]
        last = found[-1]["sequenceNumber"]
    assert seen == made
    made += ended(ttd, 1)
    assert listed(api, f"?seq={last}") == made[-1:]


def test_newest_first_from_the_end_and_further_back(api: Api, ttd: Creator) -> None:
    made = ended(ttd, 5)
    newest = entries(api, "?orderBy=desc&pageSize=2")
    assert [entry["shipmentId"] for entry in newest] == made[:2:-1]
    before = newest[-1]["sequenceNumber"]
    assert listed(api, f"?orderBy=desc&seq={before}") == made[2::-1]


@pytest.mark.parametrize(
    ("size", "count"),
    [("0", 1), ("-7", 1), ("1", 1), ("+2", 2), ("%202%20", 2), ("", 3), ("501", 3), ("0003", 3)],
)
def test_a_size_out_of_range_is_brought_into_it(
    api: Api, ttd: Creator, size: str, count: int
) -> None:
    ended(ttd, 3)
    assert len(listed(api, f"?pageSize={size}")) == count


def test_a_page_holds_500_at_most(api: Api, ttd: Creator) -> None:
    placed = processed_order(ttd, S.DELIVERED, status="Completed")
    for _ in range(501):
        feed.publish([placed.pk], now=NOON)
    assert len(listed(api)) == len(listed(api, "?pageSize=501")) == 500


@pytest.mark.parametrize("word", ["asc", "Asc", "ASC", "0", "desc", "DESC", "1"])
def test_directions_have_names_in_any_case_and_numbers(api: Api, ttd: Creator, word: str) -> None:
    made = ended(ttd, 2)
    assert listed(api, f"?OrderBy={word}") == (made if word.lower() in ("asc", "0") else made[::-1])


@pytest.mark.parametrize("seq", ["9223372036854775807", "%2B0", "0" * 30])
def test_any_number_from_0_to_the_largest_is_a_place(api: Api, seq: str) -> None:
    assert listed(api, f"?SEQ={seq}") == []


RANGE = "The field Seq must be between 0 and 9.223372036854776E+18."


@pytest.mark.parametrize(
    ("name", "value", "key", "message"),
    [
        ("seq", "-1", "Seq", RANGE),
        ("seq", "abc", "Seq", "The value 'abc' is not valid for Seq."),
        ("seq", "1.5", "Seq", "The value '1.5' is not valid for Seq."),
        ("seq", "٣", "Seq", "The value '٣' is not valid for Seq."),
        ("seq", "1_0", "Seq", "The value '1_0' is not valid for Seq."),
        (
            *("seq", "9223372036854775808", "Seq"),
            "The value '9223372036854775808' is not valid for Seq.",
        ),
        ("seq", "9" * 5_000, "Seq", f"The value '{'9' * 5_000}' is not valid for Seq."),
        ("seq", "", "Seq", "The value '' is invalid."),
        ("pageSize", "many", "PageSize", "The value 'many' is not valid for PageSize."),
        ("pageSize", "2147483648", "PageSize", "The value '2147483648' is not valid for PageSize."),
        ("orderBy", "abc", "OrderBy", "The value 'abc' is not valid for OrderBy."),
        ("orderBy", "5", "OrderBy", "The value '5' is invalid."),
        ("orderBy", "", "OrderBy", "The value '' is invalid."),
    ],
)
def test_a_parameter_that_is_not_valid_is_told(
    api: Api, name: str, value: str, key: str, message: str
) -> None:
    response = api.get(f"{FEED}?{name}={quote(value)}")
    assert response.status_code == 400
    assert response.json()["errors"] == {key: [message]}


def test_all_that_are_not_valid_are_told_together(api: Api) -> None:
    response = api.get(f"{FEED}?seq=a&pageSize=b&orderBy=c")
    assert list(response.json()["errors"]) == ["Seq", "PageSize", "OrderBy"]


def test_a_content_type_says_nothing_where_there_is_no_content(api: Api, ttd: Creator) -> None:
    """As a client in production sends it."""
    made = ended(ttd, 1)
    headers = api.headers | {"Content-Type": "application/json"}
    response = api.get(FEED, headers=headers)
    assert [entry["shipmentId"] for entry in response.json()] == made
