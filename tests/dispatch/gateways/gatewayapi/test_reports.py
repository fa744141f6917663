"""GatewayAPI's status notifications: who may post them, what is read, and what is kept."""

from typing import Any

import jwt
import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import include, path

from dispatch.gateways.gatewayapi.gateway import GatewayApiGateway
from dispatch.models import DeliveryReport
from dispatch.urls import report_urls
from runtime import clock

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

SECRET = "vafler-med-brunost-og-kaffe-i-fjellet"
BEFORE = "kringle-med-brunost-og-kaffe-i-fjellet"
WHERE = "/notifications/sms/api/v1/second/reports"
TOLD = {
    "id": 1000001,
    "msisdn": 4799999999,
    "time": 1450000000,
    "status": "DELIVERED",
    "error": None,
    "code": None,
    "userref": "foobar",
}

urlpatterns = [path("notifications/", include(report_urls([GatewayApiGateway("second", {})])))]


@pytest.fixture(autouse=True)
def _configured(settings: LazySettings) -> None:
    options = {"reports_secret": SECRET, "reports_fallbacks": [BEFORE]}
    provider = "dispatch.gateways.gatewayapi.gateway.GatewayApiGateway"
    settings.GATEWAYS = {"sms": {"second": {"PROVIDER": provider, "OPTIONS": options}}}


def post(token: str | None, body: str = "{}") -> Any:
    headers = {} if token is None else {"X-Gwapi-Signature": token}
    client = Client(enforce_csrf_checks=True)
    return client.generic("POST", WHERE, body, content_type="application/json", headers=headers)


def signed(secret: str = SECRET, algorithm: str = "HS256", **changes: object) -> str:
    return jwt.encode({**TOLD, **changes}, secret, algorithm=algorithm)


@pytest.mark.parametrize("secret", [SECRET, BEFORE])
def test_what_is_signed_is_kept_as_it_came(secret: str) -> None:
    assert post(signed(secret)).status_code == 200
    report = DeliveryReport.objects.get()
    assert (report.reference, report.status) == ("1000001", "Delivered")
    assert report.report["receiver"] == "4799999999"
    assert report.report["clientReference"] == "foobar"


def test_a_gateway_whose_clock_is_ahead_is_heard_and_a_token_that_has_expired_is_not() -> None:
    now = int(clock.seconds())
    assert post(signed(iat=now + 3_600, nbf=now + 3_600, exp=now + 7_200)).status_code == 200
    for expired in (now - 1, 0, "never"):
        assert post(signed(exp=expired)).status_code == 401
    assert DeliveryReport.objects.count() == 1


@pytest.mark.parametrize(
    "token",
    [
        None,
        "",
        "a.b.c",
        signed("another-secret-of-the-same-length-0123"),
        signed(algorithm="HS512"),
        jwt.encode(TOLD, "", algorithm="none"),
        signed()[:-3],
    ],
)
def test_nobody_else_may_report(token: str | None) -> None:
    assert post(token, body='{"id": 1000001, "status": "DELIVERED"}').status_code == 401
    assert not DeliveryReport.objects.exists()


def test_without_a_secret_nobody_may_report(settings: LazySettings) -> None:
    settings.GATEWAYS["sms"]["second"]["OPTIONS"] = {}
    assert post(jwt.encode(TOLD, "x" * 32, algorithm="HS256")).status_code == 401


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("ACCEPTED", "Delivered"),
        ("EXPIRED", "Failed_Expired"),
        ("DELETED", "Failed_Deleted"),
        ("UNDELIVERABLE", "Failed_Undelivered"),
        ("REJECTED", "Failed_Rejected"),
        ("SKIPPED", "Failed"),
        ("PIGEON", ""),
    ],
)
def test_each_state_has_its_status(state: str, status: str) -> None:
    assert post(signed(status=state)).status_code == 200
    assert DeliveryReport.objects.get().status == status


@pytest.mark.parametrize("state", ["UNKNOWN", "SCHEDULED", "BUFFERED", "ENROUTE"])
def test_what_is_on_its_way_changes_nothing(state: str) -> None:
    assert post(signed(status=state)).status_code == 200
    assert not DeliveryReport.objects.exists()


def test_odd_values_are_kept_as_text() -> None:
    odd = {"id": "\x00" + "9" * 500, "msisdn": None, "status": "DELIVERED", "error": ["\ud800"]}
    assert post(jwt.encode(odd, SECRET, algorithm="HS256")).status_code == 200
    assert len(DeliveryReport.objects.get().reference) == 300
