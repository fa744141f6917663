"""The five pages of the documentation, pasted and followed to the message that was received."""

from typing import Any
from uuid import UUID

import pytest

from script.launcher.system.running_system import BASE, RunningSystem
from tests.contracts.requests import NEXT_YEAR
from tests.journeys.curl import paste

RESERVED_PERSON = "11876995923"
FJELLHEIM, FJELLHEIM_NAME = "311000179", "Fjellheim Bær og Bygg AS"
SOROYA, SOROYA_NAME = "312508729", "Sørøya Trål og Ørret SA"
LETTER = (
    "Dear {name}, this is an official notification regarding your organization, identified by the"
    " organization number {number}. Please take the necessary actions."
)


def accepted(system: RunningSystem, example: str) -> tuple[str, Any]:
    """Place the example order: its id, and the look-up that was answered."""
    answer = paste(system, example)
    assert answer.status == 202, answer
    order_id = answer.json["orderId"]
    assert answer.headers["Location"] == f"{system.url}{BASE}/orders/{UUID(order_id)}"
    return order_id, answer.json.get("recipientLookup")


def statuses(system: RunningSystem, order_id: str) -> set[tuple[str, str, str]]:
    """(channel, address, status) of every notification of an order."""
    rows = system.query(
        "SELECT channel, address, status FROM notifications_notification WHERE order_id = %s",
        order_id,
    )
    return {(channel, address, status) for channel, address, status in rows}


def received(system: RunningSystem) -> dict[str, str]:
    """What each recipient reads, by number or address."""
    return {message["receiver"]: message["text"] for message in system.outside.messages()}


def test_an_sms_reaches_a_number_and_an_organisation_but_not_a_reserved_person(
    system: RunningSystem,
) -> None:
    order_id, look_up = accepted(system, "send sms")
    assert look_up == {
        "status": "PartialSuccess",
        "isReserved": [RESERVED_PERSON],
        "missingContact": [],
    }

    system.wait_for_completion(order_id)

    text = "A text message to be sent immediately from an org."
    assert received(system) == {"4799999999": text, "4794000001": text}
    summary = system.sms_summary(order_id)
    assert (summary["generated"], summary["succeeded"]) == (3, 2)
    assert {
        tuple(n["recipient"].items()): n["sendStatus"]["status"] for n in summary["notifications"]
    } == {
        (("mobileNumber", "+4799999999"),): "Delivered",
        (("mobileNumber", "+4794000001"), ("organizationNumber", FJELLHEIM)): "Delivered",
        (
            ("mobileNumber", ""),
            ("nationalIdentityNumber", RESERVED_PERSON),
        ): "Failed_RecipientReserved",
    }


def test_keywords_are_filled_with_the_organisations_name_and_number(system: RunningSystem) -> None:
    order_id, look_up = accepted(system, "send sms with keywords")
    assert look_up == {"status": "Success", "isReserved": [], "missingContact": []}

    system.wait_for_completion(order_id)

    letter = LETTER.format(name=FJELLHEIM_NAME, number=FJELLHEIM)
    assert received(system) == {"4794000001": letter}


def test_an_email_reaches_an_address_and_an_organisation_but_not_a_reserved_person(
    system: RunningSystem,
) -> None:
    order_id, look_up = accepted(system, "send email")
    assert look_up["status"] == "PartialSuccess"
    assert look_up["isReserved"] == [RESERVED_PERSON]

    system.wait_for_completion(order_id)

    text = "A message to be sent immediately from an org."
    assert received(system) == {"testuser@altinn.no": text, "post@fjellheim.example": text}
    assert statuses(system, order_id) == {
        ("Email", "testuser@altinn.no", "Delivered"),
        ("Email", "post@fjellheim.example", "Delivered"),
        ("Email", "", "Failed_RecipientReserved"),
    }


def test_email_preferred_with_a_resource_also_reaches_the_permitted_user(
    system: RunningSystem,
) -> None:
    order_id, look_up = accepted(system, "send notifications")
    assert look_up["status"] == "PartialSuccess"

    system.wait_for_completion(order_id)

    assert statuses(system, order_id) == {
        ("Email", "post@fjellheim.example", "Delivered"),
        ("Email", "daglig.leder@fjellheim.example", "Delivered"),
        ("Email", "", "Failed_RecipientReserved"),
    }


def test_sms_preferred_falls_back_to_email_where_there_is_no_number(system: RunningSystem) -> None:
    order_id, look_up = accepted(system, "send notifications with keywords")
    assert look_up["status"] == "Success"

    system.wait_for_completion(order_id)

    to_fjellheim = LETTER.format(name=FJELLHEIM_NAME, number=FJELLHEIM)
    to_soroya = LETTER.format(name=SOROYA_NAME, number=SOROYA)
    assert received(system) == {
        "4794000001": to_fjellheim,
        "4794000011": to_fjellheim,
        "kontakt@soroya.example": to_soroya,
    }
    [mail] = system.outside.messages(to="kontakt@soroya.example")
    assert mail["subject"] == f"Important notification regarding your organization, {SOROYA_NAME}"


def test_the_summary_is_empty_before_sending_and_tells_the_outcome_after(
    system: RunningSystem,
) -> None:
    order = {
        "body": "Not before noon.",
        "recipients": [{"mobileNumber": "+4799999999"}],
        "sendersReference": "ref-2023-12-01",
        "requestedSendTime": f"{NEXT_YEAR}-01-01T12:00:00Z",
    }
    later = system.place("orders/sms", order).json["orderId"]
    before = paste(system, "get sms notifications", order_id=later)
    assert before.status == 200
    assert before.json == {
        "orderId": later,
        "sendersReference": "ref-2023-12-01",
        "generated": 0,
        "succeeded": 0,
        "notifications": [],
    }

    del order["requestedSendTime"]
    at_once = system.place("orders/sms", order).json["orderId"]
    system.wait_for_completion(at_once)
    after = paste(system, "get sms notifications", order_id=at_once).json

    assert (after["generated"], after["succeeded"]) == (1, 1)
    [notification] = after["notifications"]
    assert notification["succeeded"] is True
    assert notification["recipient"] == {"mobileNumber": "+4799999999"}
    assert notification["sendStatus"]["status"] == "Delivered"
    assert (
        notification["sendStatus"]["description"]
        == "The SMS was successfully delivered to its destination."
    )


def test_the_page_of_an_unknown_order_is_an_empty_404(system: RunningSystem) -> None:
    answer = paste(system, "get sms notifications")
    assert (answer.status, answer.body) == (404, b"")


@pytest.mark.parametrize(
    ("path", "order", "key", "message"),
    [
        (
            "orders/sms",
            {"body": "", "recipients": [{"mobileNumber": "+4799999999"}]},
            "Body",
            "'Body' must not be empty.",
        ),
        (
            "orders/email",
            {"subject": "", "body": "b", "recipients": [{"emailAddress": "a@b.no"}]},
            "Subject",
            "'Subject' must not be empty.",
        ),
        (
            "orders",
            {"recipients": [{"mobileNumber": "+4799999999"}]},
            "NotificationChannel",
            "A notification channel must be defined.",
        ),
    ],
)
def test_a_refused_order_says_why(
    system: RunningSystem, path: str, order: dict[str, Any], key: str, message: str
) -> None:
    answer = system.place(path, order)
    problem = answer.json
    assert answer.status == 400
    assert list(problem) == ["type", "title", "status", "errors", "traceId"]
    assert problem["type"] == "https://tools.ietf.org/html/rfc9110#section-15.5.1"
    assert problem["errors"] == {key: [message]}
