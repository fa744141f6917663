"""How the senders there are today order a notification with its reminders, and what they see of it.

Each request is written as its client writes it: Altinn's correspondence service and Altinn's apps.
"""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

from script.launcher.system.running_system import BASE, Answer, RunningSystem
from tests.contracts.requests import by_email, by_sms, chain

KARI, TORDIS_WITHOUT_CONTACT = "01838510058", "30865510027"
SUNNIVA = "urn:altinn:party:username:sunniva"


def placed(system: RunningSystem, request: Any, **headers: str) -> Answer:
    if not headers:
        return system.place("future/orders", request)
    given = {"Content-Type": "application/json", **headers}
    return system.call("POST", f"{BASE}/future/orders", json.dumps(request).encode(), given)


def shipments_of(answer: Answer) -> list[str]:
    assert answer.status == 201, answer
    main = answer.json["notification"]
    return [main["shipmentId"], *(one["shipmentId"] for one in main.get("reminders", ()))]


def shipment(system: RunningSystem, shipment_id: str) -> Any:
    answer = system.call("GET", f"{BASE}/future/shipment/{shipment_id}")
    assert answer.status == 200, answer
    return answer.json


def seven_digits(moment: datetime) -> str:
    """As .NET writes a moment in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "5Z"


def soon(seconds: float = 10) -> datetime:
    """Far enough for a request to be on time on a busy machine."""
    return datetime.now(UTC) + timedelta(seconds=seconds)


def condition(system: RunningSystem, outcome: str) -> str:
    return f"{system.outside.url}/condition/{outcome}?for={uuid4()}"


class TestCorrespondence:
    """Enumerations as numbers, explicit nulls, seven digits of a second."""

    @staticmethod
    def request(recipient: dict[str, Any], **changes: Any) -> dict[str, Any]:
        nobody = dict.fromkeys(
            (
                "recipientPerson",
                "recipientOrganization",
                "recipientEmail",
                "recipientSms",
                "recipientExternalIdentity",
            )
        )
        return {
            "sendersReference": "corr-88213",
            "requestedSendTime": seven_digits(soon()),
            "idempotencyId": str(uuid4()),
            "conditionEndpoint": None,
            "dialogportenAssociation": None,
            "recipient": nobody | recipient,
            "reminders": [
                {"delayDays": 7, "conditionEndpoint": None, "recipient": nobody | recipient}
            ],
        } | changes

    @staticmethod
    def person(number: str = KARI) -> dict[str, Any]:
        return {
            "recipientPerson": {
                "nationalIdentityNumber": number,
                "resourceId": "urn:altinn:resource:demo-melding",
                "channelSchema": 3,
                "ignoreReservation": False,
                "emailSettings": {
                    "subject": "Ny melding",
                    "body": "Hei $recipientName$",
                    "contentType": 0,
                },
                "smsSettings": {"body": "Hei", "sendingTimePolicy": 1},
            }
        }

    def test_orders_and_reads_to_the_end(self, system: RunningSystem) -> None:
        request = self.request(self.person())
        answer = placed(system, request)
        main, reminder = shipments_of(answer)
        again = placed(system, request)
        assert (again.status, again.json) == (200, answer.json)

        system.wait_for_completion(main)

        read = shipment(system, main)
        assert (read["status"], read["type"]) == ("Order_Completed", "Notification")
        (told,) = read["recipients"]
        assert (told["type"], told["destination"]) == ("SMS", "+4793000002")
        assert told["status"] == "SMS_Delivered"
        later = shipment(system, reminder)
        assert (later["status"], later["type"]) == ("Order_Registered", "Reminder")
        (sms,) = system.outside.messages(to="4793000002")
        assert sms["text"] == "Hei"

    def test_is_told_quietly_whom_nobody_can_reach(self, system: RunningSystem) -> None:
        answer = placed(system, self.request(self.person(TORDIS_WITHOUT_CONTACT)))
        assert (answer.status, answer.json["code"]) == (422, "NOT-00001")

    def test_reaches_somebody_with_another_log_in(self, system: RunningSystem) -> None:
        recipient = {
            "recipientExternalIdentity": {
                "externalIdentity": SUNNIVA,
                "channelSchema": 2,
                "emailSettings": {"subject": "Hei $recipientName$", "body": "Hei"},
                "smsSettings": {"body": "Hei"},
            }
        }
        main, _ = shipments_of(placed(system, self.request(recipient)))
        system.wait_for_completion(main)
        (told,) = shipment(system, main)["recipients"]
        assert (told["destination"], told["status"]) == ("sunniva@post.example", "Email_Delivered")
        (mail,) = system.outside.messages(to="sunniva@post.example")
        assert mail["subject"] == "Hei $recipientName$"


class TestAnAltinnApp:
    """A platform token only, a local time, ids with slashes, a long code in the condition."""

    @staticmethod
    def request(system: RunningSystem, **changes: Any) -> dict[str, Any]:
        local = soon().astimezone(timezone(timedelta(hours=2)))
        instance = f"51234567/{uuid4()}"
        code = f"eyJ{'hbGciOiJSUzI1NiJ9' * 70}"
        return {
            "idempotencyId": f"{instance}-init",
            "sendersReference": f"app-{instance}",
            "requestedSendTime": local.isoformat(),
            "conditionEndpoint": f"{condition(system, 'true')}&code={code}",
            "recipient": {
                "recipientPerson": {
                    "nationalIdentityNumber": KARI,
                    "channelSchema": 1,
                    "smsSettings": {"body": "Nytt skjema", "sendingTimePolicy": 0},
                }
            },
            "reminders": None,
        } | changes

    def test_orders_as_its_owner_and_has_its_condition_asked_as_written(
        self, system: RunningSystem
    ) -> None:
        token = system.token("ttd", "--platform")
        request = self.request(system)
        headers = {"PlatformAccessToken": token, "Accept": "application/json"}
        (main,) = shipments_of(placed(system, request, **headers))
        system.wait_for_completion(main)
        assert shipment(system, main)["status"] == "Order_Completed"
        asked = [call["about"] for call in system.outside.calls("condition")]
        assert asked == [request["conditionEndpoint"].removeprefix(system.outside.url)]
        # The number is what these apps write for "at any time".
        (policy,) = system.query("SELECT sending_time_policy FROM orders_order WHERE id = %s", main)
        assert policy == ("Anytime",)

    def test_is_told_that_a_reminder_needs_a_time(self, system: RunningSystem) -> None:
        request = self.request(system, reminders=[{"recipient": by_sms()}])
        answer = placed(system, request)
        assert answer.status == 400
        assert list(answer.json["errors"]) == ["Reminders[0]"]


CONDITIONS = {
    ("false", None): ["Order_SendConditionNotMet", "Order_Completed"],
    ("true", "false"): ["Order_Completed", "Order_SendConditionNotMet"],
    (None, "true"): ["Order_Completed", "Order_Completed"],
}


def test_each_shipment_goes_by_its_own_condition(system: RunningSystem) -> None:
    statuses: dict[str, str] = {}
    for outcomes, expected in CONDITIONS.items():
        main, reminder = (condition(system, one) if one else None for one in outcomes)
        request = chain(
            recipient=by_email(emailAddress=f"{expected[0]}@example.com"),
            conditionEndpoint=main,
            reminders=[
                {
                    "requestedSendTime": soon().isoformat(),
                    "conditionEndpoint": reminder,
                    "recipient": by_email(emailAddress=f"{expected[1]}@example.com"),
                }
            ],
        )
        both = shipments_of(placed(system, request))
        statuses |= dict(zip(both, expected, strict=True))
    system.wait_for_completion(*statuses)
    assert {one: shipment(system, one)["status"] for one in statuses} == statuses
    assert len(system.outside.messages(to="Order_Completed@example.com")) == 4
    assert system.outside.messages(to="Order_SendConditionNotMet@example.com") == []


def test_a_reminder_knows_nothing_of_a_cancelled_main_order(system: RunningSystem) -> None:
    address = f"{uuid4()}@example.com"
    request = chain(
        requestedSendTime=soon(86_400).isoformat(),
        reminders=[
            {
                "requestedSendTime": soon().isoformat(),
                "recipient": by_email(emailAddress=address),
            }
        ],
    )
    main, reminder = shipments_of(placed(system, request))
    assert system.call("PUT", f"{BASE}/orders/{main}/cancel").status == 200
    system.wait_for_completion(reminder)
    assert shipment(system, main)["status"] == "Order_Cancelled"
    assert shipment(system, reminder)["status"] == "Order_Completed"
    assert len(system.outside.messages(to=address)) == 1


def test_on_both_channels_each_is_told_of_also_where_there_is_no_address(
    system: RunningSystem,
) -> None:
    recipient = {
        "recipientPerson": {
            "nationalIdentityNumber": "03826110006",
            "channelSchema": "EmailAndSms",
            "emailSettings": {"subject": "Hei", "body": "Hei"},
            "smsSettings": {"body": "Hei"},
        }
    }
    (main,) = shipments_of(placed(system, chain(recipient=recipient)))
    system.wait_for_completion(main)
    assert [
        (one["status"], one["destination"]) for one in shipment(system, main)["recipients"]
    ] == [
        ("Email_Delivered", "njal@post.example"),
        ("SMS_Failed_RecipientNotIdentified", ""),
    ]
