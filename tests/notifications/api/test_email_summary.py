"""Reading what became of an order's e-mails."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from notifications.models import EMAIL_STATUSES, NotificationChannel, NotificationStatus
from orders import creators
from orders.models import Channel, Creator, Order
from tests import building
from tests.in_process_api import Api

AT = datetime(2023, 11, 14, 16, 6, 2, 877361, tzinfo=UTC)
S = NotificationStatus

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(ttd: Creator) -> Order:
    return building.order(
        ttd, Channel.EMAIL, [building.direct(email="kari@example.com")], senders_reference="ref-1"
    )


def summary(api: Api, order: Order) -> dict[str, Any]:
    response = api.get(f"/orders/{order.pk}/notifications/email")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json; charset=utf-8"
    shown: dict[str, Any] = response.json()
    return shown


def test_a_summary_reads_as_in_the_contract(api: Api, order: Order) -> None:
    made = building.notification(order, S.DELIVERED, now=AT, organization_number="311000179")
    assert list(summary(api, order).items()) == [
        ("orderId", str(order.pk)),
        ("sendersReference", "ref-1"),
        ("generated", 1),
        ("succeeded", 1),
        (
            "notifications",
            [
                {
                    "id": str(made.pk),
                    "succeeded": True,
                    "recipient": {
                        "emailAddress": "kari@example.com",
                        "organizationNumber": "311000179",
                    },
                    "sendStatus": {
                        "status": "Delivered",
                        "description": (
                            "The email was delivered to the recipient. No errors reported, making"
                            " it likely it was received by the recipient."
                        ),
                        "lastUpdate": "2023-11-14T16:06:02.877361Z",
                    },
                }
            ],
        ),
    ]


def test_a_person_who_could_not_be_reached_has_an_empty_address(api: Api, order: Order) -> None:
    building.notification(
        order, S.FAILED_RECIPIENT_RESERVED, address="", national_identity_number="11876995923"
    )
    (line,) = summary(api, order)["notifications"]
    assert line["recipient"] == {"emailAddress": "", "nationalIdentityNumber": "11876995923"}


DESCRIPTIONS = {
    "New": "The email has been created, but has not been picked up for processing yet.",
    "Sending": "The email is being processed and will be attempted sent shortly.",
    "Succeeded": (
        "The email has been accepted by the third party email service and will be sent shortly."
    ),
    "Delivered": (
        "The email was delivered to the recipient. No errors reported, making it likely it was"
        " received by the recipient."
    ),
    "Failed": "The email was not sent due to an unspecified failure.",
    "Failed_RecipientReserved": (
        "The email was not sent because the recipient has reserved themselves from electronic"
        " communication."
    ),
    "Failed_RecipientNotIdentified": (
        "The email was not sent because the recipient's email address was not found."
    ),
    "Failed_InvalidEmailFormat": (
        "The email was not sent because the recipient\u2019s email address is in an invalid format."
    ),
    "Failed_SupressedRecipient": (
        "The email was not sent because the recipient\u2019s email address is suppressed by the"
        " third party email service."
    ),
    "Failed_Bounced": (
        "The email hard bounced, which may have happened because the email address does not exist"
        " or the domain is invalid."
    ),
    "Failed_FilteredSpam": (
        "The email was identified as spam, and was rejected or blocked (not quarantined)."
    ),
    "Failed_Quarantined": "The email was quarantined (as spam, bulk mail, or phising).",
    "Failed_InvalidSasUrl": (
        "The email was not sent because one or more attachment SAS URLs are invalid, expired, or"
        " inaccessible."
    ),
    "Failed_PayloadTooLarge": (
        "The email was not sent because the total size of the attachments exceeds the allowed"
        " limit."
    ),
}


def test_every_status_of_an_email_is_described_here() -> None:
    assert set(DESCRIPTIONS) | {"Failed_TTL"} == set(EMAIL_STATUSES)


@pytest.mark.parametrize(("status", "description"), DESCRIPTIONS.items())
def test_each_status_has_its_sentence(
    api: Api, order: Order, status: str, description: str
) -> None:
    building.notification(order, S(status))
    found = summary(api, order)
    (line,) = found["notifications"]
    assert line["sendStatus"]["status"] == status
    assert line["sendStatus"]["description"] == description
    assert line["succeeded"] is (status in ("Succeeded", "Delivered"))
    assert (found["generated"], found["succeeded"]) == (1, int(line["succeeded"]))


@pytest.mark.parametrize(
    ("sent_at", "description"),
    [
        (
            AT,
            "The email was in indefinite state Succeeded for too long (TTL), and was subsequently"
            " set to failed.",
        ),
        (None, "The email was not sent due to an unspecified failure."),
    ],
    ids=["sent", "never sent"],
)
def test_what_expired_is_shown_as_failed(
    api: Api, order: Order, sent_at: datetime | None, description: str
) -> None:
    building.notification(order, S.FAILED_TTL, sent_at=sent_at)
    (line,) = summary(api, order)["notifications"]
    assert line["succeeded"] is False
    assert line["sendStatus"]["status"] == "Failed"
    assert line["sendStatus"]["description"] == description


def test_sms_are_not_emails(api: Api, ttd: Creator) -> None:
    made = building.order(ttd, Channel.EMAIL_AND_SMS)
    email = building.notification(made, channel=NotificationChannel.EMAIL)
    building.notification(made, channel=NotificationChannel.SMS)
    assert [line["id"] for line in summary(api, made)["notifications"]] == [str(email.pk)]


def test_a_summary_costs_two_queries(
    api: Api, order: Order, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(20):
        building.notification(order)
    creators.speaking_for(creators.Caller("ttd"))
    with django_assert_num_queries(2):
        assert summary(api, order)["generated"] == 20
