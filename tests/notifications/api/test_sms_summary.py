"""Reading what became of an order's SMS: every status that one may be in."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from pytest_django import DjangoAssertNumQueries

from notifications.models import SMS_STATUSES, Notification, NotificationChannel, NotificationStatus
from orders import creators
from orders.models import Creator, Order, SendingTimePolicy
from tests.contracts.requests import email, sms
from tests.in_process_api import Api

AT = datetime(2023, 11, 14, 16, 6, 2, 877361, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def placed(api: Api, **changes: Any) -> UUID:
    response = api.post("/orders/sms", sms(**changes))
    assert response.status_code == 202
    return UUID(response.json()["orderId"])


def notify(order_id: UUID, status: NotificationStatus, **members: Any) -> Notification:
    is_open = status in ("New", "Sending", "Accepted")
    order = Order.objects.get(id=order_id)
    members = {
        "channel": NotificationChannel.SMS,
        "status_at": AT,
        "address": "+4799999999",
        "finished_at": None if is_open else AT,
        "expires_at": AT + timedelta(hours=48) if is_open else None,
    } | members
    if status == "Sending":
        members |= {"lease_until": AT, "lease_token": order_id}
    return Notification.objects.create(
        order=order,
        creator=order.creator,
        policy=SendingTimePolicy.DAYTIME,
        status=status,
        next_attempt_at=AT,
        created=AT,
        **members,
    )


def summary(api: Api, order_id: object) -> Any:
    response = api.get(f"/orders/{order_id}/notifications/sms")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json; charset=utf-8"
    return response.json()


def test_a_summary_reads_as_in_the_documentation(api: Api) -> None:
    order_id = placed(api, sendersReference="ref-2023-12-01")
    made = notify(order_id, NotificationStatus.NEW)
    found = summary(api, order_id)
    assert found == {
        "orderId": str(order_id),
        "sendersReference": "ref-2023-12-01",
        "generated": 1,
        "succeeded": 0,
        "notifications": [
            {
                "id": str(made.id),
                "succeeded": False,
                "recipient": {"mobileNumber": "+4799999999"},
                "sendStatus": {
                    "status": "New",
                    "description": (
                        "The SMS has been created, but has not been picked up for processing yet."
                    ),
                    "lastUpdate": "2023-11-14T16:06:02.877361Z",
                },
            }
        ],
    }
    assert list(found) == ["orderId", "sendersReference", "generated", "succeeded", "notifications"]


def test_a_recipient_is_shown_with_the_number_it_was_found_by(api: Api) -> None:
    order_id = placed(api)
    notify(order_id, NotificationStatus.NEW, organization_number="311000179")
    notify(
        order_id,
        NotificationStatus.FAILED_RECIPIENT_RESERVED,
        national_identity_number="11876995923",
        address="",
    )
    recipients = [line["recipient"] for line in summary(api, order_id)["notifications"]]
    assert recipients == [
        {"mobileNumber": "+4799999999", "organizationNumber": "311000179"},
        {"mobileNumber": "", "nationalIdentityNumber": "11876995923"},
    ]


DESCRIPTIONS = {
    "New": "The SMS has been created, but has not been picked up for processing yet.",
    "Sending": "The SMS is being processed and will be attempted sent shortly.",
    "Accepted": "The SMS has been accepted by the gateway service and will be sent shortly.",
    "Delivered": "The SMS was successfully delivered to its destination.",
    "Failed": "The SMS was not delivered due to an unspecified failure.",
    "Failed_InvalidRecipient": (
        "The SMS was not delivered because the recipient's mobile number was invalid."
    ),
    "Failed_RecipientReserved": (
        "The SMS was not sent because the recipient has reserved themselves from electronic"
        " communication."
    ),
    "Failed_BarredReceiver": (
        "The SMS was not delivered because the recipient's number is barred, blocked or not in use."
    ),
    "Failed_Deleted": "The SMS was not delivered because the message has been deleted.",
    "Failed_Expired": "The SMS was not delivered because it has expired.",
    "Failed_Undelivered": (
        "The SMS was not delivered due to invalid number or no available route to destination."
    ),
    "Failed_RecipientNotIdentified": (
        "The SMS was not delivered because the recipient's mobile number was not found."
    ),
    "Failed_Rejected": "The SMS was not delivered because it was rejected.",
}


def test_every_status_of_an_sms_is_described_here() -> None:
    assert set(DESCRIPTIONS) | {"Failed_TTL"} == set(SMS_STATUSES)


@pytest.mark.parametrize(("status", "description"), DESCRIPTIONS.items())
def test_each_status_has_its_sentence(api: Api, status: str, description: str) -> None:
    order_id = placed(api)
    notify(order_id, NotificationStatus(status))
    found = summary(api, order_id)
    (line,) = found["notifications"]
    assert line["sendStatus"]["status"] == status
    assert line["sendStatus"]["description"] == description
    assert line["succeeded"] is (status in ("Accepted", "Delivered"))
    assert (found["generated"], found["succeeded"]) == (1, int(line["succeeded"]))


@pytest.mark.parametrize(
    ("sent_at", "description"),
    [
        (
            AT,
            "The SMS was in indefinite state Accepted for too long (TTL), and was subsequently set"
            " to failed.",
        ),
        (None, "The SMS was not delivered due to an unspecified failure."),
    ],
)
def test_what_expired_is_shown_as_failed(
    api: Api, sent_at: datetime | None, description: str
) -> None:
    order_id = placed(api)
    notify(order_id, NotificationStatus.FAILED_TTL, sent_at=sent_at)
    (line,) = summary(api, order_id)["notifications"]
    assert line["sendStatus"]["status"] == "Failed"
    assert line["sendStatus"]["description"] == description


def test_emails_are_not_sms(api: Api) -> None:
    response = api.post("/orders/email", email())
    order_id = UUID(response.json()["orderId"])
    notify(order_id, NotificationStatus.DELIVERED, channel=NotificationChannel.EMAIL)
    assert summary(api, order_id)["notifications"] == []


@pytest.mark.parametrize(
    ("microseconds", "shown"),
    [(0, "02Z"), (500_000, "02.5Z"), (877_000, "02.877Z"), (1, "02.000001Z")],
)
def test_a_fraction_of_a_second_has_no_trailing_zeros(
    api: Api, microseconds: int, shown: str
) -> None:
    order_id = placed(api)
    notify(order_id, NotificationStatus.NEW, status_at=AT.replace(microsecond=microseconds))
    (line,) = summary(api, order_id)["notifications"]
    assert line["sendStatus"]["lastUpdate"] == f"2023-11-14T16:06:{shown}"


def test_a_summary_costs_two_queries(
    api: Api, ttd: Creator, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    order_id = placed(api)
    for _ in range(3):
        notify(order_id, NotificationStatus.NEW)
    creators.speaking_for(creators.Caller("ttd"))
    with django_assert_num_queries(2):
        assert summary(api, order_id)["generated"] == 3


def listed(api: Api, order_id: UUID, query: str) -> list[str]:
    response = api.get(f"/orders/{order_id}/notifications/sms{query}")
    assert response.status_code == 200
    found = response.json()
    assert found["generated"] == len(found["notifications"])
    return [one["id"] for one in found["notifications"]]


def test_those_of_a_status_can_be_read_page_by_page(api: Api) -> None:
    order_id = placed(api)
    new, bounced, accepted, delivered, expired = (
        str(notify(order_id, NotificationStatus(status)).pk)
        for status in ("New", "Failed_Undelivered", "Accepted", "Delivered", "Failed_TTL")
    )
    assert listed(api, order_id, "?status=failed") == [bounced, expired]
    assert listed(api, order_id, "?status=Succeeded") == [delivered]
    assert listed(api, order_id, "?status=UNDERWAY") == [new, accepted]
    assert listed(api, order_id, "?limit=2") == [new, bounced]
    assert listed(api, order_id, f"?limit=2&after={bounced}") == [accepted, delivered]
    assert listed(api, order_id, f"?status=failed&limit=1&after={bounced}") == [expired]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("status=Lost", "status"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("after=x", "after"),
    ],
)
def test_a_part_that_is_not_valid_is_told(api: Api, query: str, name: str) -> None:
    for path in (f"/orders/{placed(api)}/notifications/sms?", "/orders?sendersReference=x&"):
        response = api.get(f"{path}{query}")
        assert response.status_code == 400
        value = query.partition("=")[2]
        assert response.json()["errors"] == {name: [f"The value '{value}' is not valid."]}
