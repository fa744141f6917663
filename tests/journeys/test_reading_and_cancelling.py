"""A sender follows an order to its end, thinks better of another, and finds both again."""

from typing import Any
from uuid import uuid4

from script.launcher.system.running_system import BASE, Answer, RunningSystem
from tests.contracts.requests import NEXT_YEAR


def read(system: RunningSystem, path: str) -> Any:
    answer = system.call("GET", f"{BASE}/{path}")
    assert answer.status == 200, answer
    return answer.json


def placed(system: RunningSystem, **fields: Any) -> str:
    answer = system.place("orders/email", {"subject": "Hello", "body": "A letter."} | fields)
    assert answer.status == 202, answer
    order_id: str = answer.json["orderId"]
    return order_id


def cancel(system: RunningSystem, order_id: str) -> Answer:
    return system.call("PUT", f"{BASE}/orders/{order_id}/cancel")


def test_an_order_is_read_followed_cancelled_and_found_again(system: RunningSystem) -> None:
    reference = f"journey {uuid4()}"
    recipients = [
        {"emailAddress": "testuser@altinn.no"},
        {"nationalIdentityNumber": "11876995923"},
    ]
    later = placed(
        system,
        recipients=recipients,
        sendersReference=reference,
        requestedSendTime=f"{NEXT_YEAR}-01-01T12:00:00+01:00",
    )
    document = read(system, f"orders/{later}")
    assert document["recipients"] == recipients
    assert document["requestedSendTime"] == f"{NEXT_YEAR}-01-01T11:00:00Z"
    assert document["emailTemplate"]["fromAddress"] == "noreply@altinn.cloud"
    before = read(system, document["links"]["status"].removeprefix(f"{system.url}{BASE}/"))
    assert before["processingStatus"]["status"] == "Registered"
    assert "notificationsStatusSummary" not in before

    at_once = placed(system, recipients=recipients, sendersReference=reference)
    system.wait_for_completion(at_once)
    after = read(system, f"orders/{at_once}/status")
    assert after["processingStatus"]["status"] == "Completed"
    email = after["notificationsStatusSummary"]["email"]
    assert (email["generated"], email["succeeded"]) == (2, 1)
    summary = read(system, email["links"]["self"].removeprefix(f"{system.url}{BASE}/"))
    assert {
        line["recipient"]["emailAddress"]: line["sendStatus"]["status"]
        for line in summary["notifications"]
    } == {"testuser@altinn.no": "Delivered", "": "Failed_RecipientReserved"}

    assert cancel(system, at_once).status == 409
    cancelled = cancel(system, later)
    assert cancelled.status == 200
    assert cancelled.json["processingStatus"]["status"] == "Cancelled"
    assert cancel(system, later).json == cancelled.json
    assert read(system, f"orders/{later}/status") == cancelled.json

    query = f"orders?sendersReference={reference.replace(' ', '%20')}"
    found = read(system, query)
    assert found["count"] == 2
    assert [order["id"] for order in found["orders"]] == [later, at_once]
    assert found["orders"][0] == document
