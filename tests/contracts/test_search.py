"""Finding orders by the sender's reference: `GET /orders?sendersReference=`."""

from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from tests.contracts.requests import email, sms
from tests.contracts.service import Service
from tests.contracts.tokens import Cast


@pytest.fixture
def reference() -> str:
    """One that no other test uses, with what has a meaning in addresses and in patterns."""
    return f"Ref & 100% æøå+_/?#{uuid4()}"


def search(service: Service, reference: str, **headers: Any) -> Any:
    answer = service.get(f"/orders?sendersReference={quote(reference)}", **headers)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    return answer.json


def test_orders_are_listed_by_creation_time_as_when_read_alone(
    service: Service, reference: str
) -> None:
    placed = [
        service.place("/orders/sms", sms(sendersReference=reference)),
        service.place("/orders/email", email(sendersReference=reference)),
        service.place("/orders/sms", sms(sendersReference=reference)),
    ]
    found = search(service, reference)
    assert list(found) == ["count", "orders"]
    assert found == {"count": 3, "orders": placed}


def test_only_the_very_same_reference_is_a_hit(service: Service, reference: str) -> None:
    service.place("/orders/sms", sms(sendersReference=reference))
    for other in (reference.lower(), f"{reference} ", f" {reference}", reference[:-1], "%"):
        assert search(service, other) == {"count": 0, "orders": []}


def test_orders_of_others_are_not_found(service: Service, reference: str, cast: Cast) -> None:
    service.place("/orders/sms", sms(sendersReference=reference))
    other = {"Authorization": f"Bearer {cast.bearer(urn__altinn__org='skd')}"}
    assert search(service, reference, headers=other) == {"count": 0, "orders": []}


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "A value for the 'sendersReference' parameter or property was not provided."),
        ("?x=1", "A value for the 'sendersReference' parameter or property was not provided."),
        ("?sendersReference=", "The sendersReference field is required."),
        ("?sendersReference=%20%09", "The sendersReference field is required."),
        ("?sendersReference=a%00b", "Null characters are not allowed."),
    ],
)
def test_without_a_reference_the_search_is_refused(
    service: Service, query: str, message: str
) -> None:
    answer = service.get(f"/orders{query}")
    assert answer.status == 400
    assert list(answer.json) == ["type", "title", "status", "errors", "traceId"]
    assert answer.json["errors"] == {"sendersReference": [message]}
