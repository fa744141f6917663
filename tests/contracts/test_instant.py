"""Instant orders: what is answered when the gateway takes, refuses, or says nothing."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from script.launcher.system.simulators import Simulators
from tests.contracts.requests import FUTURE, INSTANT, chain, instant_email, instant_sms
from tests.contracts.service import Service
from tests.contracts.tokens import Cast

MakeRequest = Callable[..., dict[str, Any]]
SMS, EMAIL = "/future/orders/instant/sms", "/future/orders/instant/email"

each = pytest.mark.parametrize(("path", "make"), INSTANT.items())


def shipment_of(answer: Any) -> str:
    shipment: str = answer.json["notification"]["shipmentId"]
    return shipment


@each
def test_it_is_answered_when_the_gateway_has_taken_it(
    service: Service, registers: Simulators, path: str, make: MakeRequest
) -> None:
    answer = service.post(path, make(sendersReference="login-17"))
    assert answer.status == 201
    assert list(answer.json) == ["notificationOrderId", "notification"]
    assert list(answer.json["notification"]) == ["shipmentId", "sendersReference"]
    assert answer.json["notification"]["sendersReference"] == "login-17"
    chain_id = answer.json["notificationOrderId"]
    location: str = answer.headers["Location"]
    assert location.endswith(f"/notifications/api/v1/orders/chain/{chain_id}")
    [message] = registers.messages()
    assert "1234" in message["text"]


@each
def test_a_repeat_is_answered_like_the_first_and_sends_nothing(
    service: Service, registers: Simulators, path: str, make: MakeRequest
) -> None:
    request = make(sendersReference="")
    first, again = service.post(path, request), service.post(path, request)
    assert (first.status, again.status) == (201, 200)
    assert again.json == first.json
    assert again.headers["Location"] is None
    assert first.json["notification"]["sendersReference"] == ""
    # Whatever it says, and by whichever of the three addresses.
    other = service.post(EMAIL, {"idempotencyId": request["idempotencyId"]})
    assert (other.status, other.json) == (200, first.json)
    assert len(registers.messages()) == 1


def test_another_service_owner_has_ids_of_its_own(
    service: Service, cast: Cast, registers: Simulators
) -> None:
    request = instant_sms()
    of_skd = {"Authorization": f"Bearer {cast.bearer(urn__altinn__org='skd')}"}
    assert service.post(SMS, request).status == 201
    assert service.post(SMS, request, headers=of_skd).status == 201
    assert len(registers.messages()) == 2


def test_a_chain_may_use_the_same_id(service: Service, registers: Simulators) -> None:
    request = instant_sms()
    assert service.post(FUTURE, chain(idempotencyId=request["idempotencyId"])).status == 201
    assert service.post(SMS, request).status == 201


def test_its_order_is_processed_from_the_start_and_cannot_be_cancelled(
    service: Service, registers: Simulators
) -> None:
    shipment = shipment_of(service.post(SMS, instant_sms()))
    order = service.order(shipment)
    assert order["requestedSendTime"] == order["created"]
    assert order["recipients"] == [{"mobileNumber": "+4799999999"}]
    assert order["smsTemplate"]["body"] == "1234"
    status = service.get(f"/orders/{shipment}/status").json["processingStatus"]["status"]
    assert status in ("Processed", "Completed")
    assert service.put(f"/orders/{shipment}/cancel").status == 409


@pytest.mark.parametrize(
    ("path", "request_", "status"),
    [
        (SMS, instant_sms(to={"phoneNumber": "+4741030001"}), "Failed_InvalidRecipient"),
        (EMAIL, instant_email(to={"emailAddress": "moved@magic.example"}), "Failed_Bounced"),
    ],
)
def test_a_refusal_of_the_provider_is_a_final_status_and_no_error(
    service: Service, registers: Simulators, path: str, request_: dict[str, Any], status: str
) -> None:
    answer = service.post(path, request_)
    assert answer.status == 201
    channel = path.rpartition("/")[2]
    summary = service.get(f"/orders/{shipment_of(answer)}/notifications/{channel}").json
    assert [one["sendStatus"]["status"] for one in summary["notifications"]] == [status]


def test_what_was_not_sent_is_503_and_may_be_asked_for_again(
    service: Service, registers: Simulators
) -> None:
    registers.fault("gateway", "error500", times=1)
    request = instant_sms()
    answer = service.post(SMS, request)
    assert answer.status == 503
    assert answer.json["code"] == "NOT-00004"
    assert answer.json["title"] == "A temporary network failure occurred"
    assert answer.headers["Retry-After"] == "2"
    again = service.post(SMS, request)
    assert again.status == 201
    assert len(registers.messages()) == 1


def test_of_equal_requests_at_once_one_is_carried_out(
    service: Service, registers: Simulators
) -> None:
    registers.fault("gateway", latency_ms=500)
    request = instant_sms()
    with ThreadPoolExecutor(10) as callers:
        answers = list(callers.map(lambda _: service.post(SMS, request), range(10)))
    assert sorted(answer.status for answer in answers) == [200] * 9 + [201]
    assert len({answer.json["notificationOrderId"] for answer in answers}) == 1
    assert len(registers.messages()) == 1


def test_where_nobody_knows_the_order_stands_and_nothing_is_sent_again(
    service: Service, registers: Simulators
) -> None:
    request = instant_sms(to={"phoneNumber": "+4741022001"})
    answer, again = service.post(SMS, request), service.post(SMS, request)
    assert (answer.status, again.status) == (201, 200)
    summary = service.get(f"/orders/{shipment_of(answer)}/notifications/sms").json
    assert [one["sendStatus"]["status"] for one in summary["notifications"]] == ["Sending"]
    assert len(registers.messages()) == 1
