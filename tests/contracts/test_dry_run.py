"""`Prefer: dry-run`: what would become of a request, by every route that places an order."""

from typing import Any

import pytest

from script.launcher.system.running_system import Answer, RunningSystem
from tests.contracts.requests import NEXT_YEAR, by_sms, chain, composed, looked_up, sms
from tests.contracts.service import Service
from tests.contracts.test_strict import WAYS

STORED = "SELECT (SELECT count(*) FROM orders_order), (SELECT count(*) FROM orders_orderchain)"
NIGHT = f"{NEXT_YEAR}-01-31T02:00:00+01:00"
MORNING = f"{NEXT_YEAR}-01-31T08:00:00Z"


def tried(service: Service, path: str, body: Any, **headers: str) -> Answer:
    return service.post(path, body, headers=service.headers | {"Prefer": "dry-run"} | headers)


def expected(service: Service, path: str, body: Any) -> list[dict[str, Any]]:
    answer = tried(service, path, body)
    assert answer.status == 200, answer
    assert answer.headers["Preference-Applied"] == "dry-run"
    assert answer.headers["Content-Type"] == "application/vnd.dry-run+json"
    orders: list[dict[str, Any]] = answer.json["orders"]
    return orders


@pytest.mark.parametrize("path", WAYS)
def test_a_tried_order_is_answered_and_not_stored(
    composer: Service, live_web: RunningSystem, path: str
) -> None:
    before = live_web.query(STORED)
    body = WAYS[path]()
    [order] = expected(composer, path, body)
    assert (order["sent"], order["failed"], order["recipientsNotShown"]) == (1, 0, 0)
    assert live_web.query(STORED) == before
    placed = composer.post(path, body)
    assert placed.status in (201, 202), "its id is still free"
    assert placed.headers["Preference-Applied"] is None


def test_it_tells_channel_masked_address_parts_alphabet_and_when_it_leaves(
    service: Service,
) -> None:
    people = [
        {"mobileNumber": "+4799999999"},
        {"nationalIdentityNumber": "01838510058"},
        {"nationalIdentityNumber": "11876995923"},
        {"nationalIdentityNumber": "30865510027"},
        {"mobileNumber": "004799999999"},
    ]
    body = sms(body="č" * 71, recipients=people, requestedSendTime=NIGHT, sendersReference="try")
    sent = {
        "channel": "Sms",
        "leavesAt": f"{NEXT_YEAR}-01-31T01:00:00Z",
        "segments": 2,
        "encoding": "UCS-2",
    }
    nobody = "The SMS was not delivered because the recipient's mobile number was not found."
    reserved = (
        "The SMS was not sent because the recipient has reserved themselves from electronic"
        " communication."
    )
    [order] = expected(service, "/orders/sms", body)
    recipients = [one["notifications"] for one in order.pop("recipients")]
    assert order == {
        "sendersReference": "try",
        "requestedSendTime": f"{NEXT_YEAR}-01-31T01:00:00Z",
        "sent": 2,
        "failed": 2,
        "covered": 1,
        "segments": 4,
        "recipientsNotShown": 0,
    }
    assert recipients == [
        [sent | {"address": "+47 99 99 ** **"}],
        [sent | {"address": "+47 93 00 ** **"}],
        [{"channel": "Sms", "failure": "Failed_RecipientReserved", "reason": reserved}],
        [{"channel": "Sms", "failure": "Failed_RecipientNotIdentified", "reason": nobody}],
        [{"channel": "Sms", "address": "+47 99 99 ** **", "isCovered": True}],
    ]


def test_keywords_count_as_they_are_filled_in(service: Service) -> None:
    body = sms(body="$recipientName$" * 9, recipients=[{"organizationNumber": "311000179"}])
    [order] = expected(service, "/orders/sms", body)
    [[one]] = [recipient["notifications"] for recipient in order["recipients"]]
    assert (one["segments"], order["segments"]) == (2, 2), "135 characters as they are written"


def test_of_a_chain_each_order_is_told(service: Service) -> None:
    body = chain(
        requestedSendTime=MORNING,
        recipient=looked_up(),
        reminders=[{"delayDays": 7, "recipient": by_sms()}],
    )
    letter, reminder = expected(service, "/future/orders", body)
    [[email]] = [one["notifications"] for one in letter["recipients"]]
    assert email == {
        "channel": "Email",
        "address": "k***@post.example",
        "leavesAt": MORNING,
    }
    assert reminder["requestedSendTime"] == f"{NEXT_YEAR}-02-07T08:00:00Z"


def test_what_would_be_refused_is_refused(composer: Service) -> None:
    nobody = chain(recipient=looked_up(nationalIdentityNumber="30865510027"))
    assert tried(composer, "/future/orders", nobody).status == 422
    assert tried(composer, "/future/orders/composed-email", composed(recipient=1)).status == 400
    misspelt = sms(requestedSendtimes=NIGHT)
    assert tried(composer, "/orders/sms", misspelt).status == 200
    both = tried(composer, "/orders/sms", misspelt, Prefer="dry-run, handling=strict")
    assert (both.status, list(both.json["errors"])) == (400, ["requestedSendtimes"])
    assert both.headers["Preference-Applied"] == "dry-run, handling=strict"


def test_it_counts_for_the_limits_as_if_it_were_placed(service: Service) -> None:
    before = tried(service, "/orders/sms", sms()).headers["RateLimit"]
    after = tried(service, "/orders/sms", sms()).headers["RateLimit"]
    assert before != after
