"""A request that is sent again under its `Idempotency-Key` makes no second order."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest

from script.launcher.system.running_system import Answer
from script.launcher.system.simulators import Simulators
from tests.contracts.requests import PATHS, email, request_for, sms
from tests.contracts.service import Service
from tests.contracts.tokens import Cast

TO_KARI = {"nationalIdentityNumber": "01838510058"}
RAKEL_IS_RESERVED = {"nationalIdentityNumber": "11876995923"}


@pytest.fixture
def key() -> str:
    """One that no other test uses; as a sender's reference, it finds the orders of the test."""
    return str(uuid4())


def post(service: Service, path: str, body: Any, *, key: str) -> Answer:
    return service.post(path, body, headers=service.headers | {"Idempotency-Key": key})


def answered(answer: Answer) -> tuple[int, Any, str | None]:
    return answer.status, answer.json, answer.headers["Location"]


def count(service: Service, reference: str) -> int:
    """How many orders there are with this reference."""
    return int(service.get(f"/orders?sendersReference={reference}").json["count"])


@pytest.mark.parametrize("path", PATHS)
def test_the_same_request_again_is_answered_as_the_first_time(
    service: Service, registers: Simulators, path: str, key: str
) -> None:
    request = request_for(path, recipients=[TO_KARI, RAKEL_IS_RESERVED], sendersReference=key)
    first = answered(post(service, path, request, key=key))
    assert first[0] == 202
    assert first[1]["recipientLookup"]["isReserved"] == ["11876995923"]
    asked = len(registers.calls())
    assert answered(post(service, path, request, key=key)) == first
    assert len(registers.calls()) == asked
    assert count(service, key) == 1


def test_an_answer_without_a_look_up_stays_without_one(service: Service, key: str) -> None:
    first = answered(post(service, "/orders/sms", sms(), key=key))
    assert list(first[1]) == ["orderId"]
    assert answered(post(service, "/orders/sms", sms(), key=key)) == first


def test_neither_layout_nor_spelling_of_the_address_makes_another_request(
    service: Service, key: str
) -> None:
    first = answered(post(service, "/orders/sms", sms(), key=key))
    indented = json.dumps(sms(), indent=4).encode()
    assert answered(post(service, "/orders/sms", indented, key=key)) == first
    other_order = dict(reversed(sms().items()))
    assert answered(post(service, "/Orders/SMS/", other_order, key=key)) == first


@pytest.mark.parametrize(
    ("path", "request_body"),
    [
        ("/orders/sms", sms(body="Hello!")),
        ("/orders/sms", sms(sendersReference="2")),
        ("/orders/email", email()),
        ("/orders/sms", sms(body="")),
        ("/orders/sms", {}),
    ],
    ids=["text", "reference", "address", "invalid", "empty"],
)
def test_another_request_under_the_key_is_a_conflict(
    service: Service, path: str, request_body: dict[str, Any], key: str
) -> None:
    first = answered(post(service, "/orders/sms", sms(sendersReference=key), key=key))
    answer = post(service, path, request_body, key=key)
    assert answer.status == 409
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    problem = answer.json
    assert problem.pop("traceId")
    assert problem == {
        "type": "https://tools.ietf.org/html/rfc9110#section-15.5.10",
        "title": "The idempotency key was used for another request.",
        "status": 409,
    }
    assert answered(post(service, "/orders/sms", sms(sendersReference=key), key=key)) == first
    assert count(service, key) == 1


def test_another_creator_may_use_the_same_key(service: Service, cast: Cast, key: str) -> None:
    skd = Service(port=service.port, token=cast.bearer(urn__altinn__org="skd"))
    first = post(service, "/orders/sms", sms(), key=key)
    second = post(skd, "/orders/sms", sms(body="Hi"), key=key)
    assert (first.status, second.status) == (202, 202)
    assert first.json != second.json


def test_an_invalid_request_is_never_remembered(service: Service, key: str) -> None:
    for _ in range(2):
        assert post(service, "/orders/sms", sms(body=""), key=key).status == 400
    assert post(service, "/orders/sms", sms(), key=key).status == 202


def test_while_a_register_is_down_the_key_stays_free(
    service: Service, registers: Simulators, key: str
) -> None:
    registers.fault("profile", "error500")
    request = sms(recipients=[TO_KARI], sendersReference=key)
    assert post(service, "/orders/sms", request, key=key).status == 503
    assert count(service, key) == 0
    registers.reset()
    assert post(service, "/orders/sms", request, key=key).status == 202
    assert count(service, key) == 1


@pytest.mark.parametrize("bad_key", ["", " ", "x" * 256, "n\u00f8kkel", "a\tb"])
def test_what_cannot_be_a_key_is_refused(service: Service, bad_key: str, key: str) -> None:
    answer = post(service, "/orders/sms", sms(sendersReference=key), key=bad_key)
    assert answer.status == 400
    assert answer.json["errors"] == {
        "Idempotency-Key": ["A key is 1 to 255 printable ASCII characters."]
    }
    assert count(service, key) == 0


@pytest.mark.parametrize(
    "prefix", ["", "x" * (255 - 36), "a b", '"quoted"', "!#$%&'*+-.^_`|~,;="], ids=len
)
def test_any_printable_ascii_is_a_key(service: Service, prefix: str, key: str) -> None:
    first = answered(post(service, "/orders/sms", sms(), key=prefix + key))
    assert first[0] == 202
    assert answered(post(service, "/orders/sms", sms(), key=prefix + key)) == first


def test_without_a_key_every_request_makes_an_order(service: Service, key: str) -> None:
    for _ in range(2):
        service.place("/orders/sms", sms(sendersReference=key))
    assert count(service, key) == 2


@pytest.mark.parametrize("path", PATHS)
def test_several_at_once_make_one_order(service: Service, path: str, key: str) -> None:
    request = request_for(path, recipients=[TO_KARI, RAKEL_IS_RESERVED], sendersReference=key)
    start = Barrier(4)

    def job() -> tuple[int, Any, str | None]:
        start.wait(60)
        return answered(post(service, path, request, key=key))

    with ThreadPoolExecutor(4) as callers:
        answers = [job.result() for job in [callers.submit(job) for _ in range(4)]]
    assert answers[0][0] == 202
    assert all(answer == answers[0] for answer in answers)
    assert count(service, key) == 1


def test_the_description_tells_of_the_header(service: Service) -> None:
    described = service.call("GET", "/swagger/v1/swagger.json").json["paths"]
    for path in PATHS:
        operation = described[f"/notifications/api/v1{path}"]["post"]
        [header] = [each for each in operation["parameters"] if each["name"] == "Idempotency-Key"]
        assert header["in"] == "header"
        assert not header.get("required")
        assert "409" in operation["responses"]
