"""Reading an order as it was placed."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from pytest_django import DjangoAssertNumQueries

from orders import creators
from orders.models import Channel, Creator
from tests import building
from tests.building import FJELLHEIM, mobiles
from tests.contracts.requests import NEXT_YEAR, order, sms
from tests.contracts.tokens import Cast
from tests.in_process_api import Api, is_empty

pytestmark = pytest.mark.django_db


def placed(api: Api, path: str, request: dict[str, Any]) -> str:
    response = api.post(path, request)
    assert response.status_code == 202, response.content
    order_id: str = response.json()["orderId"]
    return order_id


def document(api: Api, order_id: object) -> dict[str, Any]:
    response = api.get(f"/orders/{order_id}")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json; charset=utf-8"
    shown: dict[str, Any] = response.json()
    return shown


def test_an_order_reads_as_in_the_contract(api: Api, ttd: Creator) -> None:
    made = building.order(
        ttd,
        Channel.EMAIL_PREFERRED,
        [
            building.organization(FJELLHEIM),
            building.direct(email="a@example.com", mobile="+47 999 99 999"),
            building.person("11876995923"),
        ],
        now=datetime(2024, 1, 9, 12, 34, 56, 123456, tzinfo=UTC),
        senders_reference="ref-2024-01-01",
        requested_send_time=datetime(2024, 1, 10, 8, tzinfo=UTC),
        ignore_reservation=False,
        resource_id="app_ttd_apps-test",
        resource_action="read",
        condition_endpoint="https://Example.com/condition?a=%20",
    )
    shown = document(api, made.pk)
    address = f"https://notifications.example/notifications/api/v1/orders/{made.pk}"
    assert list(shown.items()) == [
        ("id", str(made.pk)),
        ("sendersReference", "ref-2024-01-01"),
        ("requestedSendTime", "2024-01-10T08:00:00Z"),
        ("creator", "ttd"),
        ("created", "2024-01-09T12:34:56.123456Z"),
        ("notificationChannel", "EmailPreferred"),
        ("ignoreReservation", False),
        ("resourceId", "app_ttd_apps-test"),
        ("resourceAction", "read"),
        (
            "recipients",
            [
                {"organizationNumber": FJELLHEIM},
                {"emailAddress": "a@example.com", "mobileNumber": "+47 999 99 999"},
                {"nationalIdentityNumber": "11876995923"},
            ],
        ),
        ("conditionEndpoint", "https://Example.com/condition?a=%20"),
        (
            "emailTemplate",
            {
                "fromAddress": "noreply@altinn.cloud",
                "subject": "Et brev",
                "body": "Du har fått et brev.",
                "contentType": "Plain",
            },
        ),
        ("smsTemplate", {"senderNumber": "Altinn", "body": "Du har fått et brev."}),
        ("links", {"self": address, "status": f"{address}/status"}),
    ]
    assert list(shown["recipients"][1]) == ["emailAddress", "mobileNumber"]
    assert list(shown["emailTemplate"]) == ["fromAddress", "subject", "body", "contentType"]
    assert list(shown["smsTemplate"]) == ["senderNumber", "body"]


def test_the_location_that_a_placed_order_is_answered_with_leads_to_it(api: Api) -> None:
    response = api.post("/orders", order())
    base = "https://notifications.example/notifications/api/v1"
    shown = document(api, response["Location"].removeprefix(f"{base}/orders/"))
    assert shown["id"] == response.json()["orderId"]
    assert shown["links"]["self"] == response["Location"]


def test_a_template_that_the_channel_does_not_use_is_shown_too(api: Api) -> None:
    shown = document(api, placed(api, "/orders", order(notificationChannel="sms")))
    assert {"emailTemplate", "smsTemplate"} <= set(shown)


@pytest.mark.parametrize(
    ("sent", "expected"), [(None, {}), (True, {"ignoreReservation": True})], ids=str
)
def test_an_unset_flag_is_left_out(api: Api, sent: bool | None, expected: object) -> None:
    shown = document(api, placed(api, "/orders/sms", sms(ignoreReservation=sent)))
    assert {name: shown[name] for name in shown if name == "ignoreReservation"} == expected


def test_the_senders_own_senders_and_content_type_are_shown(api: Api) -> None:
    request = order(
        emailTemplate={
            "fromAddress": "ttd@example.com",
            "subject": "a\r\nb\nc",
            "body": "<p>x</p>\n",
            "contentType": "html",
        },
        smsTemplate={"senderNumber": "TTD", "body": "x"},
    )
    shown = document(api, placed(api, "/orders", request))
    assert shown["emailTemplate"] == {
        "fromAddress": "ttd@example.com",
        "subject": "a b c",
        "body": "<p>x</p>\n",
        "contentType": "Html",
    }
    assert shown["smsTemplate"] == {"senderNumber": "TTD", "body": "x"}


def test_recipients_are_shown_as_submitted_in_their_order_repeats_included(api: Api) -> None:
    sent = [
        {"mobileNumber": "004799999999", "isReserved": True},
        {"mobileNumber": "+4799999999", "emailAddress": ""},
        {"mobileNumber": "004799999999"},
    ]
    shown = document(api, placed(api, "/orders/sms", sms(recipients=sent)))
    assert shown["recipients"] == [
        {"mobileNumber": "004799999999"},
        {"mobileNumber": "+4799999999"},
        {"mobileNumber": "004799999999"},
    ]


def test_times_are_shown_in_utc(api: Api) -> None:
    order_id = placed(
        api, "/orders/sms", sms(requestedSendTime=f"{NEXT_YEAR}-06-01T12:00:00.50+02:00")
    )
    assert document(api, order_id)["requestedSendTime"] == f"{NEXT_YEAR}-06-01T10:00:00.5Z"


@pytest.mark.parametrize(
    "below", ["", "/status", "/notifications/email", "/notifications/sms"], ids=lambda b: b or "-"
)
@pytest.mark.parametrize("written", ["abc", "email", "sms", "1"])
def test_what_is_no_guid_is_refused_once_the_caller_is_known(
    api: Api, cast: Cast, written: str, below: str
) -> None:
    path = f"/orders/{written}{below}"
    response = api.get(path)
    assert response.status_code == 400
    assert list(response.json()) == ["type", "title", "status", "errors", "traceId"]
    assert response.json()["errors"] == {"id": [f"The value '{written}' is not valid."]}
    assert api.get(path, headers={}).status_code == 401
    without_org = {"Authorization": f"Bearer {cast.bearer(urn__altinn__org=None)}"}
    assert api.get(path, headers=without_org).status_code == 400


@pytest.mark.parametrize(
    "below", ["", "/status", "/notifications/email", "/notifications/sms"], ids=lambda b: b or "-"
)
def test_a_caller_without_org_reads_nothing(api: Api, cast: Cast, below: str) -> None:
    headers = {"Authorization": f"Bearer {cast.bearer(urn__altinn__org=None)}"}
    response = api.get(f"/orders/{UUID(int=1)}{below}", headers=headers)
    assert response.status_code == 403
    assert is_empty(response)


@pytest.mark.parametrize("count", [1, 30])
def test_an_order_costs_two_queries(
    api: Api, ttd: Creator, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    made = building.order(ttd, recipients=mobiles(count))
    creators.speaking_for(creators.Caller("ttd"))
    with django_assert_num_queries(2):
        assert len(document(api, made.pk)["recipients"]) == count
