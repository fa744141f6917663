"""How long a key is remembered, and what that costs."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from time_machine import TimeMachineFixture

from orders import creators
from orders.models import Creator, IdempotencyKey, Order
from tests.contracts.requests import sms
from tests.contracts.tokens import Cast
from tests.in_process_api import Api

DAY = 86_400
KEY = "5a1b7d2e-8c3f-4f6a-9d0e-1b2c3d4e5f60"

pytestmark = pytest.mark.django_db


def post(api: Api, path: str, body: Any, *, key: str = KEY) -> Any:
    return api.post(path, body, headers=api.headers | {"Idempotency-Key": key})


def answered(response: Any) -> tuple[int, Any, str | None]:
    return response.status_code, response.json(), response.get("Location")


@pytest.mark.parametrize(("hours", "orders"), [(23.9, 1), (24.1, 2)])
def test_a_key_is_remembered_for_a_day(
    cast: Cast, time_machine: TimeMachineFixture, hours: float, orders: int
) -> None:
    api = Api(cast.bearer(exp=int(time.time()) + 2 * DAY))
    assert post(api, "/orders/sms", sms()).status_code == 202
    time_machine.move_to(time.time() + hours * 3_600)
    assert post(api, "/orders/sms", sms()).status_code == 202
    assert Order.objects.count() == orders


def test_a_request_is_known_even_after_its_send_time_has_passed(
    cast: Cast, time_machine: TimeMachineFixture
) -> None:
    api = Api(cast.bearer(exp=int(time.time()) + DAY))
    soon = datetime.now(UTC) + timedelta(minutes=1)
    request = sms(requestedSendTime=soon.isoformat())
    first = answered(post(api, "/orders/sms", request))
    time_machine.move_to(soon + timedelta(hours=1))
    assert post(api, "/orders/sms", request, key="another").status_code == 400
    assert answered(post(api, "/orders/sms", request)) == first


def test_an_invalid_request_leaves_nothing_behind(api: Api) -> None:
    for _ in range(2):
        assert post(api, "/orders/sms", sms(body="")).status_code == 400
    assert not IdempotencyKey.objects.exists()


def test_a_key_costs_one_statement_more_and_a_repeat_only_one(
    api: Api, ttd: Creator, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    creators.speaking_for(creators.Caller("ttd"))
    with django_assert_num_queries(2):
        post(api, "/orders/sms", sms())
    with django_assert_num_queries(1):
        post(api, "/orders/sms", sms())
