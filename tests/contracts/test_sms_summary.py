"""Reading what became of an order's SMS."""

from typing import Any
from uuid import UUID

import pytest

from tests.contracts.requests import sms
from tests.contracts.service import Service, is_empty
from tests.contracts.tokens import Cast


def placed(service: Service, **changes: Any) -> str:
    order_id: str = service.place("/orders/sms", sms(**changes))["id"]
    return order_id


def summary(service: Service, order_id: str) -> Any:
    answer = service.get(f"/orders/{order_id}/notifications/sms")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    return answer.json


def test_right_after_placing_there_is_nothing_yet(service: Service) -> None:
    order_id = placed(service, sendersReference="ref-2023-12-01")
    found = summary(service, order_id)
    assert found == {
        "orderId": order_id,
        "sendersReference": "ref-2023-12-01",
        "generated": 0,
        "succeeded": 0,
        "notifications": [],
    }
    assert list(found) == ["orderId", "sendersReference", "generated", "succeeded", "notifications"]


@pytest.mark.parametrize("reference", [None, "", "  "])
def test_a_blank_reference_is_left_out(service: Service, reference: str | None) -> None:
    order_id = placed(service, sendersReference=reference)
    assert "sendersReference" not in summary(service, order_id)


def test_another_creators_order_does_not_exist(service: Service, cast: Cast) -> None:
    headers = {"Authorization": f"Bearer {cast.bearer(urn__altinn__org='skd')}"}
    for order_id in (placed(service), str(UUID(int=0))):
        answer = service.get(f"/orders/{order_id}/notifications/sms", headers=headers)
        assert answer.status == 404
        assert is_empty(answer)


def test_an_id_may_be_written_in_any_form(service: Service) -> None:
    order_id = placed(service)
    for written in (
        order_id.upper(),
        order_id.replace("-", ""),
        f"{{{order_id}}}",
        f"({order_id})",
    ):
        assert summary(service, written)["orderId"] == order_id


@pytest.mark.parametrize(
    "written",
    [
        "abc",
        "ABC",
        "email",
        "f1a1cc30-197f-4f34-8304-006ce4945fd",
        "f1a1cc30197f-4f34-8304-006ce4945fd1",
        "{f1a1cc30197f4f348304006ce4945fd1}",
        "urn:uuid:f1a1cc30-197f-4f34-8304-006ce4945fd1",
    ],
)
def test_what_is_no_guid_is_refused(service: Service, written: str) -> None:
    answer = service.get(f"/orders/{written}/notifications/sms")
    assert answer.status == 400
    assert answer.json["errors"] == {"id": [f"The value '{written}' is not valid."]}
    assert service.get(f"/orders/{written}/notifications/sms", headers={}).status == 401
