"""Reading what became of an order's e-mails: `GET /orders/{id}/notifications/email`.

Here nothing is processed; tests/notifications/api goes through all the statuses.
"""

from uuid import UUID

import pytest

from tests.contracts.requests import email, sms
from tests.contracts.service import Service, is_empty
from tests.contracts.tokens import Cast


def test_right_after_placing_there_is_nothing_yet(service: Service) -> None:
    order_id = service.place("/orders/email", email(sendersReference="ref-1"))["id"]
    answer = service.get(f"/orders/{order_id}/notifications/email")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert list(answer.json.items()) == [
        ("orderId", order_id),
        ("sendersReference", "ref-1"),
        ("generated", 0),
        ("succeeded", 0),
        ("notifications", []),
    ]


@pytest.mark.parametrize("reference", [None, "", " "])
def test_an_order_of_sms_has_a_summary_too_and_a_blank_reference_is_left_out(
    service: Service, reference: str | None
) -> None:
    order_id = service.place("/orders/sms", sms(sendersReference=reference))["id"]
    answer = service.get(f"/orders/{order_id}/notifications/email")
    assert answer.json == {"orderId": order_id, "generated": 0, "succeeded": 0, "notifications": []}


def test_another_creators_order_does_not_exist(service: Service, cast: Cast) -> None:
    other = {"Authorization": f"Bearer {cast.bearer(urn__altinn__org='skd')}"}
    order_id = service.place("/orders/email", email())["id"]
    for unknown in (order_id, str(UUID(int=0))):
        answer = service.get(f"/orders/{unknown}/notifications/email", headers=other)
        assert answer.status == 404
        assert is_empty(answer)


def test_what_is_no_guid_is_refused(service: Service) -> None:
    answer = service.get("/orders/abc/notifications/email")
    assert answer.status == 400
    assert answer.json["errors"] == {"id": ["The value 'abc' is not valid."]}
