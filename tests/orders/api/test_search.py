"""Finding orders by the sender's reference."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from pytest_django import DjangoAssertNumQueries

from orders import creators
from orders.models import Creator, Order
from tests import building
from tests.building import NOON, mobiles
from tests.contracts.requests import sms
from tests.contracts.tokens import Cast
from tests.in_process_api import Api, is_empty

pytestmark = pytest.mark.django_db


def search(api: Api, reference: str) -> dict[str, Any]:
    response = api.get(f"/orders?sendersReference={quote(reference)}")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json; charset=utf-8"
    found: dict[str, Any] = response.json()
    return found


def refused(api: Api, query: str) -> dict[str, list[str]]:
    response = api.get(f"/orders{query}")
    assert response.status_code == 400
    errors: dict[str, list[str]] = response.json()["errors"]
    return errors


def with_reference(creator: Creator, reference: str, **fields: Any) -> Order:
    return building.order(creator, senders_reference=reference, **fields)


def ids(found: dict[str, Any]) -> list[str]:
    return [order["id"] for order in found["orders"]]


def test_orders_come_by_creation_time(api: Api, ttd: Creator) -> None:
    late, early, middle = (
        with_reference(ttd, "ref", now=NOON + timedelta(hours=hours)) for hours in (2, 0, 1)
    )
    assert ids(search(api, "ref")) == [str(order.pk) for order in (early, middle, late)]


@pytest.mark.parametrize("reference", ["", "%20", "%09"])
def test_a_blank_reference_is_none_even_where_an_order_has_it(api: Api, reference: str) -> None:
    assert api.post("/orders/sms", sms(sendersReference=" ")).status_code == 202
    errors = refused(api, f"?sendersReference={reference}")
    assert errors == {"sendersReference": ["The sendersReference field is required."]}


def test_the_first_of_several_counts_and_its_name_may_be_in_any_case(
    api: Api, ttd: Creator
) -> None:
    with_reference(ttd, "a")
    response = api.get("/orders?SENDERSREFERENCE=a&sendersReference=b")
    assert response.json()["count"] == 1


def test_a_caller_without_org_is_refused_after_the_parameter_is_read(api: Api, cast: Cast) -> None:
    headers = {"Authorization": f"Bearer {cast.bearer(urn__altinn__org=None)}"}
    assert api.get("/orders", headers=headers).status_code == 400
    response = api.get("/orders?sendersReference=x", headers=headers)
    assert response.status_code == 403
    assert is_empty(response)
    assert api.get("/orders", headers={}).status_code == 401


@pytest.mark.parametrize(("orders", "queries"), [(0, 1), (1, 2), (20, 2)])
def test_a_search_costs_two_queries_at_most(
    api: Api,
    ttd: Creator,
    django_assert_num_queries: DjangoAssertNumQueries,
    orders: int,
    queries: int,
) -> None:
    for _ in range(orders):
        with_reference(ttd, "ref", recipients=mobiles(30))
    creators.speaking_for(creators.Caller("ttd"))
    with django_assert_num_queries(queries):
        found = search(api, "ref")
    assert found["count"] == orders
    assert [len(order["recipients"]) for order in found["orders"]] == [30] * orders


def test_those_of_a_status_can_be_read_page_by_page(api: Api, ttd: Creator) -> None:
    first, cancelled, last = (
        with_reference(ttd, "ref", status=status)
        for status in ("Registered", "Cancelled", "Registered")
    )

    def found(query: str) -> list[str]:
        return ids(api.get(f"/orders?sendersReference=ref&{query}").json())

    assert found("status=cancelled") == [str(cancelled.pk)]
    assert found("limit=2") == [str(first.pk), str(cancelled.pk)]
    assert found(f"limit=2&after={cancelled.pk}") == [str(last.pk)]
    assert found(f"status=Registered&after={first.pk}") == [str(last.pk)]
