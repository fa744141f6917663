"""What senders read once the whole product has done its work: every status that can be provoked."""

import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest

from script.launcher.system.running_system import BASE, RunningSystem
from tests.contracts.requests import email, order, sms
from tests.contracts.service import Service

T = TypeVar("T")
TIMEOUT = 90.0

# Numbers and addresses of the simulated world that decide what becomes of a message.
SMS_FATES = {
    "+4799999999": ("Delivered", "The SMS was successfully delivered to its destination."),
    "+4741012000": (
        "Accepted",
        "The SMS has been accepted by the gateway service and will be sent shortly.",
    ),
    "+4741001000": (
        "Failed_BarredReceiver",
        "The SMS was not delivered because the recipient's number is barred, blocked or not in"
        " use.",
    ),
    "+4741002000": (
        "Failed_Undelivered",
        "The SMS was not delivered due to invalid number or no available route to destination.",
    ),
    "+4741003000": (
        "Failed_Expired",
        "The SMS was not delivered because it has expired.",
    ),
    "+4741004000": (
        "Failed_Deleted",
        "The SMS was not delivered because the message has been deleted.",
    ),
    "+4741005000": (
        "Failed_Rejected",
        "The SMS was not delivered because it was rejected.",
    ),
    "+4741006000": ("Failed", "The SMS was not delivered due to an unspecified failure."),
    "+4741030000": (
        "Failed_InvalidRecipient",
        "The SMS was not delivered because the recipient's mobile number was invalid.",
    ),
}
EMAIL_FATES = {
    "kari@example.com": (
        "Delivered",
        "The email was delivered to the recipient. No errors reported, making it likely it was"
        " received by the recipient.",
    ),
    "silent@magic.example": (
        "Succeeded",
        "The email has been accepted by the third party email service and will be sent shortly.",
    ),
    "refused@magic.example": ("Failed", "The email was not sent due to an unspecified failure."),
    "bounced@magic.example": (
        "Failed_Bounced",
        "The email hard bounced, which may have happened because the email address does not exist"
        " or the domain is invalid.",
    ),
    "rejected@magic.example": (
        "Failed_SupressedRecipient",
        "The email was not sent because the recipient\u2019s email address is suppressed by the"
        " third party email service.",
    ),
    "bad-syntax@magic.example": (
        "Failed_InvalidEmailFormat",
        "The email was not sent because the recipient\u2019s email address is in an invalid"
        " format.",
    ),
}
RESERVED = {"nationalIdentityNumber": "11876995923"}
WITHOUT_CONTACT = {"organizationNumber": "313100006"}
FJELLHEIM = {"organizationNumber": "311000179"}


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    """Web, worker and beat, on a database of their own, with gateway and mail server."""
    system = RunningSystem(tmp_path_factory.mktemp("product"), name="contract_outcomes")
    yield system
    system.stop()


@pytest.fixture
def service(product: RunningSystem) -> Service:
    return Service(port=product.port, token=product.token())


def eventually(read: Callable[[], T], expected: T) -> None:
    """Assert that what is read comes to be what is expected."""
    deadline = time.monotonic() + TIMEOUT
    while (found := read()) != expected and time.monotonic() < deadline:
        time.sleep(0.05)
    assert found == expected


def fates(summary: Any, address: str) -> dict[str, tuple[str, str]]:
    """The status and its description by address, or by identifier where there is no address."""
    found = {}
    for line in summary["notifications"]:
        recipient, status = dict(line["recipient"]), line["sendStatus"]
        key = recipient.pop(address) or next(iter(recipient.values()))
        found[key] = (status["status"], status["description"])
        assert line["succeeded"] is (status["status"] in ("Accepted", "Succeeded", "Delivered"))
    return found


def succeeded(status: Any) -> int:
    """How many SMS a status document counts as succeeded."""
    summary = status.get("notificationsStatusSummary", {}).get("sms", {})
    return int(summary.get("succeeded", 0))


def test_every_fate_of_an_sms_has_its_status_and_sentence(
    product: RunningSystem, service: Service
) -> None:
    recipients = [{"mobileNumber": number} for number in SMS_FATES]
    request = sms(recipients=[*recipients, RESERVED, WITHOUT_CONTACT, FJELLHEIM])
    path = f"/orders/{service.place('/orders/sms', request)['id']}/notifications/sms"
    count = len(SMS_FATES) + 3
    expected = SMS_FATES | {
        "+4794000001": SMS_FATES["+4799999999"],
        "11876995923": (
            "Failed_RecipientReserved",
            "The SMS was not sent because the recipient has reserved themselves from electronic"
            " communication.",
        ),
        "313100006": (
            "Failed_RecipientNotIdentified",
            "The SMS was not delivered because the recipient's mobile number was not found.",
        ),
    }
    eventually(lambda: fates(service.get(path).json, "mobileNumber"), expected)
    found = service.get(path).json
    assert (found["generated"], found["succeeded"]) == (count, 3)
    shown = [line["recipient"] for line in found["notifications"]]
    assert {"mobileNumber": "+4794000001", **FJELLHEIM} in shown
    assert {"mobileNumber": "", **RESERVED} in shown


def test_every_fate_of_an_email_has_its_status_and_sentence(
    product: RunningSystem, service: Service
) -> None:
    recipients = [{"emailAddress": address} for address in EMAIL_FATES]
    request = email(recipients=[*recipients, RESERVED, WITHOUT_CONTACT])
    path = f"/orders/{service.place('/orders/email', request)['id']}/notifications/email"
    expected = EMAIL_FATES | {
        "11876995923": (
            "Failed_RecipientReserved",
            "The email was not sent because the recipient has reserved themselves from electronic"
            " communication.",
        ),
        "313100006": (
            "Failed_RecipientNotIdentified",
            "The email was not sent because the recipient's email address was not found.",
        ),
    }
    eventually(lambda: fates(service.get(path).json, "emailAddress"), expected)
    found = service.get(path).json
    assert (found["generated"], found["succeeded"]) == (len(expected), 2)


def test_an_order_is_completed_once_all_its_notifications_are_final(
    product: RunningSystem, service: Service
) -> None:
    request = order(
        notificationChannel="EmailAndSms",
        recipients=[{"emailAddress": "kari@example.com", "mobileNumber": "+4799999998"}],
    )
    order_id = service.place("/orders", request)["id"]
    path = f"/orders/{order_id}/status"
    text = "Order processing is completed. All notifications have a final status."
    eventually(lambda: service.get(path).json["processingStatus"]["description"], text)
    found = service.get(path).json
    assert found["processingStatus"]["status"] == "Completed"
    links = f"{product.url}{BASE}/orders/{order_id}/notifications"
    assert found["notificationsStatusSummary"] == {
        "email": {"links": {"self": f"{links}/email"}, "generated": 1, "succeeded": 1},
        "sms": {"links": {"self": f"{links}/sms"}, "generated": 1, "succeeded": 1},
    }


def test_an_order_with_notifications_under_way_is_shown_as_completed(
    product: RunningSystem, service: Service
) -> None:
    request = sms(recipients=[{"mobileNumber": "+4741012001"}])
    path = f"/orders/{service.place('/orders/sms', request)['id']}/status"
    eventually(lambda: succeeded(service.get(path).json), 1)
    status = service.get(path).json["processingStatus"]
    assert status["status"] == "Completed"
    assert status["description"] == (
        "Order processing is done. Notifications have been successfully generated."
    )


@pytest.mark.parametrize("answer", ["true", "false"])
def test_a_condition_decides_whether_anything_is_sent(
    product: RunningSystem, service: Service, answer: str
) -> None:
    request = sms(conditionEndpoint=f"{product.outside.url}/condition/{answer}")
    path = f"/orders/{service.place('/orders/sms', request)['id']}/status"
    expected = {"true": "Completed", "false": "SendConditionNotMet"}[answer]
    eventually(lambda: service.get(path).json["processingStatus"]["status"], expected)
    assert ("notificationsStatusSummary" in service.get(path).json) is (answer == "true")


def test_a_shipment_and_its_entry_in_the_feed_tell_the_same(
    product: RunningSystem, service: Service
) -> None:
    request = order(
        notificationChannel="EmailAndSms",
        sendersReference="ref-S",
        recipients=[
            {"emailAddress": "bounced@magic.example", "mobileNumber": "+4799999997"},
            WITHOUT_CONTACT,
        ],
    )
    shipment_id = service.place("/orders", request)["id"]
    path = f"/future/shipment/{shipment_id}"
    eventually(lambda: service.get(path).json["status"], "Order_Completed")
    shipment = service.get(path).json
    assert {
        (each["type"], each["destination"]): each["status"] for each in shipment["recipients"]
    } == {
        ("Email", "bounced@magic.example"): "Email_Failed_Bounced",
        ("Email", ""): "Email_Failed_RecipientNotIdentified",
        ("SMS", "+4799999997"): "SMS_Delivered",
        ("SMS", ""): "SMS_Failed_RecipientNotIdentified",
    }
    assert [each["type"] for each in shipment["recipients"]] == ["Email"] * 2 + ["SMS"] * 2
    (entry,) = [
        entry
        for entry in service.get("/future/shipment/feed?orderBy=desc").json
        if entry["shipmentId"] == shipment_id
    ]
    assert entry.pop("sequenceNumber") > 0
    assert entry.pop("shipmentType") == "Notification"
    assert entry == shipment
