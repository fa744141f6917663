"""How the other clients in production call, each request as its client writes it."""

import http.client
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from script.launcher.system.running_system import BASE, Answer, RunningSystem
from tests.contracts.requests import by_email, chain, instant_sms, looked_up
from tests.journeys.curl import paste

INSTANT_SMS = "future/orders/instant/sms"
SUPPORT = "altinn:notifications.support.admin"


@pytest.fixture(autouse=True)
def _with_a_token(system: RunningSystem) -> None:
    """Printed before anything is timed, since that takes a while."""
    system.token()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def read(system: RunningSystem, path: str, headers: dict[str, str] | None = None) -> Any:
    answer = system.call("GET", f"{BASE}/{path}", headers=headers)
    assert answer.status == 200, answer
    return answer.json


def placed(system: RunningSystem, path: str, request: dict[str, Any]) -> str:
    """The main shipment's id."""
    answer = system.place(path, request)
    assert answer.status == 201, answer
    shipment: str = answer.json["notification"]["shipmentId"]
    return shipment


def test_correspondence_sends_an_email_with_an_attachment(system: RunningSystem) -> None:
    """A capital N in the file's name, a sender that is null, and the offset of UTC in digits."""
    soon = datetime.now(UTC) + timedelta(seconds=3)
    expiry = (soon + timedelta(hours=1)).isoformat()
    link = f"{system.outside.url}/store/file/17.pdf?sr=b&sp=r&se={quote(expiry)}&sig=c2lnbmVk"
    request = {
        "idempotencyId": str(uuid4()),
        "sendersReference": None,
        "requestedSendTime": soon.isoformat(),
        "conditionEndpoint": None,
        "recipient": {
            "emailAddress": "composed@example.com",
            "emailSettings": {
                "senderEmailAddress": None,
                "subject": "Ny melding",
                "body": "Hei",
                "contentType": "Plain",
                "attachments": [
                    {"fileName": "Brev.pdf", "mimeType": "application/pdf", "sasUrl": link}
                ],
            },
        },
    }
    shipment = placed(system, "future/orders/composed-email", request)
    system.wait_for_completion(shipment)
    found = read(system, f"future/shipment/{shipment}")
    assert (found["type"], found["status"]) == ("Composed", "Order_Completed")
    assert [one["status"] for one in found["recipients"]] == ["Email_Delivered"]
    assert len(system.outside.messages(to="composed@example.com")) == 1


def test_correspondence_follows_the_links_of_its_older_orders(system: RunningSystem) -> None:
    """It cancels with the JSON `null`, and calls the links as they are, with the same token."""
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    order = {"body": "Hei", "recipients": [{"mobileNumber": "+4799000009"}]}
    waiting, sent = (
        system.place("orders/sms", one).json["orderId"]
        for one in (order | {"requestedSendTime": later}, order)
    )
    json_and_token = bearer(system.token()) | {"Content-Type": "application/json"}
    cancel = f"{BASE}/orders/{waiting}/cancel"
    assert system.call("PUT", cancel, b"null", json_and_token).status == 200
    assert (
        read(system, f"orders/{waiting}/status")["processingStatus"]["status"],
        system.call("PUT", f"{BASE}/orders/{sent}/cancel", b"null", json_and_token).status,
    ) == ("Cancelled", 409)

    system.wait_for_completion(sent)
    summary = read(system, f"orders/{sent}/status")["notificationsStatusSummary"]["sms"]
    link = summary["links"]["self"]
    assert link.startswith(system.url)
    found = system.call("GET", link.removeprefix(system.url), headers=bearer(system.token()))
    assert found.json["notifications"][0]["sendStatus"]["status"] == "Delivered"


@pytest.mark.parametrize(
    ("path", "request_"),
    [
        (
            "orders/email",
            {
                "subject": "Skjema",
                "body": "Hei",
                "sendersReference": "app-17",
                "recipients": [{"emailAddress": "kari@example.com"}],
                "contentType": "Plain",
            },
        ),
        (
            "orders/sms",
            {
                "senderNumber": "Altinn",
                "body": "Hei",
                "sendersReference": "app-17",
                "recipients": [{"mobileNumber": "+4799999999"}],
            },
        ),
    ],
)
def test_an_altinn_app_orders_and_cancels_with_its_own_token_alone(
    system: RunningSystem, path: str, request_: dict[str, Any]
) -> None:
    token = system.token("ttd", "--platform")
    headers = {"PlatformAccessToken": token, "Accept": "application/json"}
    later = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT%H:%M:%S.%f}7Z"
    body = json.dumps(request_ | {"requestedSendTime": later}).encode()
    answer = system.call(
        "POST", f"{BASE}/{path}", body, {**headers, "Content-Type": "application/json"}
    )
    assert answer.status == 202
    order_id = answer.json["orderId"]
    assert isinstance(order_id, str)
    assert system.call("PUT", f"{BASE}/orders/{order_id}/cancel", None, headers).status == 200


def test_the_support_dashboard_finds_what_was_sent_to_somebody(system: RunningSystem) -> None:
    """It writes moments as .NET does, and sends the keys of the gateways that it passes."""
    person = "17912099997"
    system.outside.add_person(person, name="Ny Person", email="ny@example.com")
    request = chain(
        sendersReference="dash-17",
        recipient=looked_up(
            nationalIdentityNumber=person, resourceId="urn:altinn:resource:tax-2025"
        ),
    )
    system.wait_for_completion(shipment := placed(system, "future/orders", request))
    token = system.token("ttd", "--scope", SUPPORT)
    keys = {"Ocp-Apim-Subscription-Key": "k", "ApiKey": "k"}
    yesterday = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%dT%H:%M:%S}.0000000+01:00"
    (found,) = read(
        system,
        f"future/dashboard/recipients/notifications/nin?from={quote(yesterday, safe='')}",
        bearer(token) | keys | {"NationalIdentityNumber": person},
    )
    assert (found["shipmentId"], found["creatorName"]) == (shipment, "ttd")
    assert found["resourceId"] == "urn:altinn:resource:tax-2025"
    assert found["sendersReference"] == "dash-17"
    assert [one["result"] for one in found["deliveryAttempts"]] == ["Delivered"]
    for channel in ("email", "sms"):
        summary = read(system, f"orders/{shipment}/notifications/{channel}")
        assert len(summary["notifications"]) == (channel == "email")


def test_the_designer_tells_its_own_staff(system: RunningSystem) -> None:
    """Names for enumerations, no send time, no reference."""
    settings = {
        "senderEmailAddress": "noreply@altinn.no",
        "subject": "Varsel",
        "body": "Hei",
        "contentType": "Plain",
        "sendingTimePolicy": "Anytime",
    }
    sms = {"sender": "Altinn", "body": "Hei", "sendingTimePolicy": "Anytime"}
    shipments = [
        placed(system, "future/orders", {"idempotencyId": str(uuid4()), "recipient": recipient})
        for recipient in (
            by_email(emailAddress="drift@example.com", emailSettings=settings),
            {"recipientSms": {"phoneNumber": "+4799000010", "smsSettings": sms}},
        )
    ]
    system.wait_for_completion(*shipments)
    (mail,) = system.outside.messages(to="drift@example.com")
    (text,) = system.outside.messages(to="+4799000010")
    assert (mail["sender"], text["sender"]) == ("noreply@altinn.no", "Altinn")


def test_who_gives_up_waiting_for_a_password_asks_again_and_one_is_sent(
    system: RunningSystem,
) -> None:
    request = instant_sms(to={"phoneNumber": "+4799000011"})
    system.outside.fault("gateway", latency_ms=700)
    with pytest.raises(TimeoutError):
        _give_up_after(0.3, system, request)
    again = system.place(INSTANT_SMS, request)
    assert again.status == 200
    shipment = again.json["notification"]["shipmentId"]
    system.wait_for_completion(shipment)
    found = read(system, f"future/shipment/{shipment}")
    assert (found["type"], found["status"]) == ("Instant", "Order_Completed")
    assert [one["status"] for one in found["recipients"]] == ["SMS_Delivered"]
    assert len(system.outside.messages(to="+4799000011")) == 1

    def entries() -> list[str]:
        newest = read(system, "future/shipment/feed?orderBy=desc&pageSize=20")
        return [one["shipmentType"] for one in newest if one["shipmentId"] == shipment]

    system.wait_for(lambda: entries() == ["Instant"], "its entry in the feed")


def _give_up_after(seconds: float, system: RunningSystem, request: dict[str, Any]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", system.port, timeout=seconds)
    headers = bearer(system.token()) | {"Content-Type": "application/json"}
    try:
        connection.request("POST", f"{BASE}/{INSTANT_SMS}", json.dumps(request), headers)
        connection.getresponse()
    finally:
        connection.close()


def test_the_number_in_an_older_guide_is_nobodys(system: RunningSystem) -> None:
    answer = system.place(INSTANT_SMS, instant_sms(to={"phoneNumber": "+4712345678"}))
    assert answer.status == 400
    assert list(answer.json["errors"]) == ["RecipientSms.PhoneNumber"]


def test_reading_as_the_guides_do_with_both_tokens_and_a_content_type(
    system: RunningSystem,
) -> None:
    """Their example of cancelling lacks the method: curl makes a GET of it."""
    order = {"body": "Hei", "recipients": [{"mobileNumber": "+4799999999"}]}
    order_id = system.place("orders/sms", order).json["orderId"]
    answer: Answer = paste(system, "get sms notifications", order_id=order_id)
    assert answer.status == 200
    headers = bearer(system.token()) | {
        "PlatformAccessToken": system.token("ttd", "--platform"),
        "Content-Type": "application/json",
    }
    statuses = {
        below: system.call("GET", f"{BASE}/orders/{order_id}{below}", None, headers).status
        for below in ("", "/status", "/notifications/email", "/cancel")
    }
    assert statuses == {"": 200, "/status": 200, "/notifications/email": 200, "/cancel": 405}
