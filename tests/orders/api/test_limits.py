"""A caller that asks for too much in a minute is told to wait, and nobody else is."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from time_machine import TimeMachineFixture

from orders.limits import rate_counters, rate_limits
from orders.models import Order
from tests.contracts.requests import PATHS, request_for, sms
from tests.contracts.tokens import Cast
from tests.in_process_api import BASE, Api

SOME_ORDER = "/orders/f1a1cc30-197f-4f34-8304-006ce4945fd1/notifications/sms"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def few(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch, time_machine: TimeMachineFixture
) -> Iterator[None]:
    """Low limits, a minute that has twenty seconds left, and patience with Redis."""
    settings.CREATOR_REQUESTS_PER_MINUTE = 3
    settings.CREATOR_RECIPIENTS_PER_MINUTE = 5
    monkeypatch.setattr(rate_counters, "TIME_OUT", 5.0)
    rate_limits.minutes_at.cache_clear()
    time_machine.move_to(datetime.now(UTC).replace(second=40, microsecond=0), tick=False)
    yield
    rate_limits.minutes_at.cache_clear()


@pytest.fixture
def name() -> str:
    """A service owner who has not called yet."""
    return f"o{uuid4().hex[:20]}"


@pytest.fixture
def owner(cast: Cast, name: str) -> Api:
    return Api(cast.bearer(urn__altinn__org=name))


def to_many(count: int) -> list[dict[str, str]]:
    return [{"mobileNumber": f"+479100000{number}"} for number in range(count)]


def is_refused(response: Any, detail: str) -> bool:
    """Whether the answer has the shape of a refusal, and says why and for how long."""
    assert response.status_code == 429, response.content
    assert response["Retry-After"] == "20"
    assert response["Content-Type"] == "application/json; charset=utf-8"
    problem = response.json()
    assert problem.pop("traceId")
    expected = {
        "type": "https://tools.ietf.org/html/rfc6585#section-4",
        "title": "Too Many Requests",
        "status": 429,
        "detail": detail,
    }
    return bool(problem == expected)


def test_requests_beyond_the_limit_are_refused_whatever_they_ask(owner: Api) -> None:
    assert [owner.get(SOME_ORDER).status_code for _ in range(2)] == [404, 404]
    assert owner.post("/orders/sms", sms()).status_code == 202
    for response in (owner.get(SOME_ORDER), owner.post("/orders/sms", sms())):
        assert is_refused(response, "At most 3 requests are answered in a minute.")
    assert Order.objects.count() == 1


def test_requests_that_are_not_valid_count_as_well(owner: Api) -> None:
    codes = [owner.post("/orders", b"{").status_code for _ in range(4)]
    assert codes == [400, 400, 400, 429]


def test_the_next_minute_is_another_one(owner: Api, time_machine: TimeMachineFixture) -> None:
    codes = [owner.get(SOME_ORDER).status_code for _ in range(4)]
    assert codes[-1] == 429
    time_machine.shift(20)
    assert owner.get(SOME_ORDER).status_code == 404


def test_every_answer_tells_what_is_left(owner: Api) -> None:
    policy = '"requests";q=3;w=60, "recipients";q=5;qu="recipients";w=60'
    placed = owner.post("/orders/sms", sms(recipients=to_many(2)))
    answers = [placed, owner.get(SOME_ORDER), owner.post("/orders", b"{"), owner.get(SOME_ORDER)]
    assert [answer.status_code for answer in answers] == [202, 404, 400, 429]
    assert {answer["RateLimit-Policy"] for answer in answers} == {policy}
    assert [answer["RateLimit"] for answer in answers] == [
        f'"requests";r={left};t=20, "recipients";r=3;t=20' for left in (2, 1, 0, 0)
    ]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/future/orders"),
        ("POST", "/future/orders/instant/sms"),
        ("POST", "/future/orders/instant/email"),
        ("GET", "/future/shipment/feed"),
        ("GET", "/future/shipment/f1a1cc30-197f-4f34-8304-006ce4945fd1"),
    ],
)
def test_every_version_of_the_api_counts_together(owner: Api, method: str, path: str) -> None:
    for left in (2, 1, 0):
        answer = owner.client.generic(
            method, BASE + path, b"{}", "application/json", headers=owner.headers
        )
        assert answer.headers["RateLimit"].startswith(f'"requests";r={left};'), answer.status_code
    assert owner.get(SOME_ORDER).status_code == 429


def test_who_is_not_let_in_is_told_of_no_limits(owner: Api, cast: Cast, name: str) -> None:
    refused = Api(cast.bearer(urn__altinn__org=name, urn__altinn__scope="other")).get(SOME_ORDER)
    assert refused.status_code == 403
    assert "RateLimit-Policy" not in refused.headers


def test_another_service_owner_does_not_notice(owner: Api, cast: Cast, name: str) -> None:
    for _ in range(4):
        owner.get(SOME_ORDER)
    other = Api(cast.bearer(urn__altinn__org=f"{name}x"))
    assert other.get(SOME_ORDER).status_code == 404


def test_who_is_not_let_in_uses_up_nobodys_limit(owner: Api, cast: Cast, name: str) -> None:
    forged = cast.ttd.sign({"urn:altinn:org": name, "kid": "altinn-1"})
    expired = cast.bearer(urn__altinn__org=name, exp=1)
    without_scope = cast.bearer(urn__altinn__org=name, urn__altinn__scope="other")
    codes = [
        owner.get(SOME_ORDER, headers={"Authorization": f"Bearer {token}"}).status_code
        for token in [forged, expired, without_scope] * 3
    ]
    assert codes == [401, 401, 403] * 3
    assert owner.get(SOME_ORDER).status_code == 404


def test_a_caller_who_is_nobodys_is_not_counted(owner: Api, cast: Cast) -> None:
    nobody = Api(cast.bearer(urn__altinn__org=None))
    assert {nobody.get(SOME_ORDER).status_code for _ in range(5)} == {403}


@pytest.mark.parametrize("path", PATHS)
def test_recipients_beyond_the_limit_are_refused_and_not_stored(owner: Api, path: str) -> None:
    six = [
        {"emailAddress": f"k{n}@n.no"} if path != "/orders/sms" else r
        for n, r in enumerate(to_many(6))
    ]
    response = owner.post(path, request_for(path, recipients=six))
    assert is_refused(response, "At most 5 recipients are taken in a minute.")
    assert not Order.objects.exists()


def test_recipients_of_all_orders_count_together(owner: Api) -> None:
    codes = [
        owner.post("/orders/sms", sms(recipients=to_many(count))).status_code for count in (3, 3, 2)
    ]
    assert codes == [202, 429, 202]


def test_recipients_of_invalid_and_of_repeated_requests_do_not_count(
    owner: Api, settings: LazySettings
) -> None:
    settings.CREATOR_REQUESTS_PER_MINUTE = 0
    headers = owner.headers | {"Idempotency-Key": uuid4().hex}
    request = sms(recipients=to_many(5))
    for _ in range(3):
        assert owner.post("/orders/sms", request | {"body": ""}).status_code == 400
    for _ in range(3):
        assert owner.post("/orders/sms", request, headers=headers).status_code == 202


def test_a_refused_order_leaves_its_key_free(owner: Api, time_machine: TimeMachineFixture) -> None:
    headers = owner.headers | {"Idempotency-Key": uuid4().hex}
    owner.post("/orders/sms", sms(recipients=to_many(1)))
    request = sms(recipients=to_many(5))
    assert owner.post("/orders/sms", request, headers=headers).status_code == 429
    time_machine.shift(20)
    assert owner.post("/orders/sms", request, headers=headers).status_code == 202


def test_without_redis_everything_is_let_through(owner: Api, settings: LazySettings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    request = sms(recipients=to_many(6))
    codes = [owner.post("/orders/sms", request).status_code for _ in range(5)]
    assert codes == [202] * 5


def test_zero_is_no_limit(owner: Api, settings: LazySettings) -> None:
    settings.CREATOR_REQUESTS_PER_MINUTE = settings.CREATOR_RECIPIENTS_PER_MINUTE = 0
    codes = [owner.post("/orders/sms", sms(recipients=to_many(6))).status_code for _ in range(5)]
    assert codes == [202] * 5


def test_the_description_tells_of_it(owner: Api) -> None:
    described = owner.client.get("/swagger/v1/swagger.json").json()["paths"]
    for path in PATHS:
        refusal = described[f"/notifications/api/v1{path}"]["post"]["responses"]["429"]
        assert {"Retry-After", "RateLimit", "RateLimit-Policy"} <= refusal["headers"].keys()
