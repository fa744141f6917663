"""Cancelling an order."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from notifications.models import StatusFeedEntry
from orders.models import Creator, Order, OrderStatus
from tests import building
from tests.contracts.tokens import Cast
from tests.in_process_api import BASE, Api, is_empty

CANCELLED = "Order processing was stopped due to order being cancelled."

pytestmark = pytest.mark.django_db


def order_in(creator: Creator, minutes: float, **fields: Any) -> Order:
    now = timezone.now()
    at = now + timedelta(minutes=minutes)
    return building.order(creator, now=now, requested_send_time=at, **fields)


def cancel(api: Api, order_id: object, **extra: Any) -> Any:
    extra.setdefault("headers", api.headers)
    return api.client.put(f"{BASE}/orders/{order_id}/cancel", **extra)


def assert_problem(response: Any, status: int, section: str, title: str) -> None:
    problem = response.json()
    assert response.status_code == status
    assert response["Content-Type"] == "application/json; charset=utf-8"
    assert list(problem) == ["type", "title", "status", "traceId"]
    assert problem["type"] == f"https://tools.ietf.org/html/rfc9110#section-{section}"
    assert (problem["title"], problem["status"]) == (title, status)


def test_a_cancelled_order_is_answered_with_its_status(api: Api, ttd: Creator) -> None:
    order = order_in(ttd, 10, senders_reference="ref")
    before = timezone.now()
    response = cancel(api, order.pk)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json; charset=utf-8"
    assert response.json() == api.get(f"/orders/{order.pk}/status").json()
    shown = response.json()["processingStatus"]
    assert (shown["status"], shown["description"]) == ("Cancelled", CANCELLED)
    order.refresh_from_db()
    assert before <= order.status_at <= timezone.now()
    assert cancel(api, order.pk).status_code == 200
    assert StatusFeedEntry.objects.get().status == "Cancelled"
    assert api.get("/future/shipment/feed").json() == []


@pytest.mark.parametrize("minutes", [-10, 0, 4.9])
def test_an_order_that_is_due_or_about_to_be_cannot_be_cancelled(
    api: Api, ttd: Creator, minutes: float
) -> None:
    order = order_in(ttd, minutes)
    assert_problem(cancel(api, order.pk), 409, "15.5.10", "Conflict")
    order.refresh_from_db()
    assert order.status == OrderStatus.REGISTERED


@pytest.mark.parametrize(
    "status", [status for status in OrderStatus if status not in ("Registered", "Cancelled")]
)
def test_an_order_past_being_registered_cannot_be_cancelled(
    api: Api, ttd: Creator, status: OrderStatus
) -> None:
    order = order_in(ttd, 60, status=status)
    assert_problem(cancel(api, order.pk), 409, "15.5.10", "Conflict")


def test_what_is_no_guid_is_refused(api: Api, cast: Cast) -> None:
    response = cancel(api, "abc")
    assert response.status_code == 400
    assert response.json()["errors"] == {"id": ["The value 'abc' is not valid."]}
    without_org = {"Authorization": f"Bearer {cast.bearer(urn__altinn__org=None)}"}
    assert cancel(api, "abc", headers=without_org).status_code == 400
    assert is_empty(cancel(api, UUID(int=1), headers=without_org))
    assert cancel(api, UUID(int=1), headers=without_org).status_code == 403
