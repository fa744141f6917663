"""Senders follow chains by their shipments and by the feed, and end users read what was sent."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from script.launcher.system.running_system import BASE, Answer, RunningSystem
from tests.contracts.requests import FUTURE, by_email, by_sms, chain, looked_up, reminder

FINAL = {"Order_Completed", "Order_SendConditionNotMet", "Order_Cancelled"}
"""What a client in production takes for the end of a shipment; at anything else it asks again."""
SENT = {"SMS_Accepted", "SMS_Delivered", "Email_Succeeded", "Email_Delivered"}
SOON = timedelta(seconds=3)
KARI, OLA = "01838510058", "17857810058"


@pytest.fixture(autouse=True)
def _with_a_token(system: RunningSystem) -> None:
    """Printed before the moments are chosen, since that takes a while."""
    system.token()


def at(delay: timedelta) -> str:
    """As .NET writes a moment: with seven digits, and the offset in full."""
    moment = datetime.now(UTC) + delay
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}7+00:00"


def placed(system: RunningSystem, request: dict[str, Any]) -> Any:
    answer = system.place(FUTURE.removeprefix("/"), request)
    assert answer.status == 201, answer
    return answer.json["notification"]


def get(system: RunningSystem, path: str, token: str = "") -> Answer:
    """With the content type that Arbeidsflate sends, though a GET has no content."""
    of_caller = {"Authorization": f"Bearer {token or system.token()}"}
    headers = of_caller | {"Content-Type": "application/json"}
    return system.call("GET", f"{BASE}/future/{path}", headers=headers)


def read(system: RunningSystem, path: str, token: str = "") -> Any:
    answer = get(system, path, token)
    assert answer.status == 200, answer
    return answer.json


def ended(system: RunningSystem, shipment_id: str) -> Any:
    """The shipment, once a client that polls it takes it for ended."""
    path = f"shipment/{shipment_id}"
    system.wait_for(lambda: read(system, path)["status"] in FINAL, f"{shipment_id} to end")
    return read(system, path)


def feed_behind(system: RunningSystem, number: int) -> list[Any]:
    entries: list[Any] = []
    while page := read(system, f"shipment/feed?seq={number}&pageSize=2"):
        entries += page
        number = page[-1]["sequenceNumber"]
    return entries


def tail_of_feed(system: RunningSystem) -> int:
    newest = read(system, "shipment/feed?orderBy=desc&pageSize=1")
    return int(newest[0]["sequenceNumber"]) if newest else 0


def test_a_sender_polls_each_shipment_of_a_chain_to_its_end(system: RunningSystem) -> None:
    """Written as Correspondence does: numbers for names, explicit nulls, seven digits."""
    request = chain(
        sendersReference="corr-88213",
        requestedSendTime=at(SOON),
        dialogportenAssociation=None,
        recipient={**looked_up(channelSchema=3), "recipientEmail": None, "recipientSms": None},
        reminders=[reminder(delayDays=None, requestedSendTime=at(2 * SOON))],
    )
    notification = placed(system, request)
    first = read(system, f"shipment/{notification['shipmentId']}")
    assert (first["type"], first["recipients"]) == ("Notification", [])
    main = ended(system, notification["shipmentId"])
    later = ended(system, notification["reminders"][0]["shipmentId"])
    assert (main["type"], later["type"]) == ("Notification", "Reminder")
    for shipment in (main, later):
        assert shipment["status"] == "Order_Completed"
        (recipient,) = shipment["recipients"]
        assert recipient["type"].lower() in ("sms", "email")
        assert recipient["status"] in SENT
        assert recipient["destination"]


def test_each_order_of_a_chain_has_a_condition_of_its_own(system: RunningSystem) -> None:
    """What became of the main order does not matter to its reminders."""
    yes, no = (f"{system.outside.url}/condition/{answer}" for answer in ("true", "false"))
    soon = at(SOON)
    notification = placed(
        system,
        chain(
            conditionEndpoint=no,
            recipient=by_sms(phoneNumber="+4799000001"),
            reminders=[
                reminder(delayDays=None, requestedSendTime=soon, conditionEndpoint=yes),
                reminder(delayDays=None, requestedSendTime=soon, conditionEndpoint=no),
                reminder(delayDays=None, requestedSendTime=soon),
            ],
        ),
    )
    shipments = [notification, *notification["reminders"]]
    found = [ended(system, one["shipmentId"]) for one in shipments]
    assert [one["status"] for one in found] == [
        *("Order_SendConditionNotMet", "Order_Completed"),
        *("Order_SendConditionNotMet", "Order_Completed"),
    ]
    assert [len(one["recipients"]) for one in found] == [0, 1, 0, 1]


def test_a_sender_follows_the_feed_from_its_tail(system: RunningSystem) -> None:
    """Each shipment of a chain has one entry of its own; a cancelled one has none."""
    tail = tail_of_feed(system)
    notification = placed(
        system,
        chain(
            sendersReference="main",
            recipient=by_email(),
            reminders=[
                reminder(delayDays=None, requestedSendTime=at(SOON), sendersReference="first"),
                reminder(sendersReference="cancelled"),
            ],
        ),
    )
    main, first, last = (one["shipmentId"] for one in (notification, *notification["reminders"]))
    assert system.call("PUT", f"{BASE}/orders/{last}/cancel").status == 200
    shipments = {one: ended(system, one) for one in (main, first, last)}
    assert shipments.pop(last)["status"] == "Order_Cancelled"

    def entries() -> list[Any]:
        wanted = (main, first, last)
        return [one for one in feed_behind(system, tail) if one["shipmentId"] in wanted]

    system.wait_for(lambda: len(entries()) == 2, "an entry of each shipment")
    for entry in entries():
        shipment = shipments[entry["shipmentId"]]
        assert entry["shipmentType"] == shipment["type"]
        assert entry["status"] == "Order_Completed"
        assert entry["sendersReference"] == shipment["sendersReference"]
        assert entry["recipients"] == shipment["recipients"]
    numbers = [one["sequenceNumber"] for one in feed_behind(system, tail)]
    assert numbers == sorted(set(numbers))


def test_an_end_user_reads_what_was_sent_about_a_dialog(system: RunningSystem) -> None:
    """As Arbeidsflate asks, in its activity log."""
    dialog, transmission = str(uuid4()), str(uuid4())
    system.outside.add_dialog(dialog, KARI)
    about = {"dialogId": dialog, "transmissionId": transmission}
    notification = placed(
        system,
        chain(
            dialogportenAssociation=about,
            recipient=looked_up(),
            reminders=[reminder(delayDays=None, requestedSendTime=at(SOON))],
        ),
    )
    for one in (notification, *notification["reminders"]):
        ended(system, one["shipmentId"])
    kari, ola = (system.token("--person", person) for person in (KARI, OLA))
    path = f"enduser/log?dialogId={dialog}"
    log = read(system, path, kari)
    assert {entry["type"] for entry in log} == {"Notification", "Reminder"}
    for entry in log:
        assert {name: entry[name] for name in about} == about
        assert entry["status"].lower() == "delivered"
        assert entry["destination"]
    assert read(system, f"{path}&transmissionId={transmission}", kari) == log
    assert read(system, f"{path}&transmissionId={uuid4()}", kari) == []
    assert read(system, f"log?dialogId={dialog}") == log
    assert read(system, f"log?dialogId={dialog}", system.token("skd")) == []
    refused = get(system, path, ola)
    assert (refused.status, refused.body) == (403, b"")
    assert get(system, path, system.token()).status == 403
