"""Placing orders: what is answered, and what is stored once it is."""

import re
from datetime import UTC, datetime

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from orders import creators
from orders.models import Creator, Order
from recipients.models import Recipient
from tests.contracts.conftest import Api, Cast
from tests.contracts.requests import PATHS, email, order, request_for, sms
from tests.simulators.running import Simulators

KARI = {"nationalIdentityNumber": "01838510058"}
OLA = {"nationalIdentityNumber": "17857810058"}
RAKEL_IS_RESERVED = {"nationalIdentityNumber": "11876995923"}
ONLY_EMAIL = {"nationalIdentityNumber": "03826110006"}
NO_CONTACT = {"nationalIdentityNumber": "30865510027"}
FJELLHEIM = {"organizationNumber": "311000179"}
UNKNOWN = {"organizationNumber": "399999999"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def placing(simulators: Simulators, api: Api) -> Api:
    """The API, with registers to ask."""
    return api


@pytest.mark.parametrize("path", PATHS)
def test_an_order_is_accepted_with_its_address(api: Api, path: str) -> None:
    response = api.post(path, request_for(path))
    assert response.status_code == 202
    assert response["Content-Type"] == "application/json; charset=utf-8"
    placed = Order.objects.get()
    assert response.json() == {"orderId": str(placed.id)}
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", response.json()["orderId"])
    base = "https://notifications.example/notifications/api/v1/orders"
    assert response["Location"] == f"{base}/{placed.id}"


def test_everything_the_sender_gave_is_stored(placing: Api) -> None:
    request = order(
        sendersReference="ref-1",
        requestedSendTime="2999-01-31T13:00:00+01:00",
        conditionEndpoint="https://example.no/met",
        ignoreReservation=False,
        resourceId="app_ttd_apps-test",
        resourceAction="write",
        notificationChannel="smsPreferred",
        emailTemplate={"subject": "S", "body": "<p>B</p>", "contentType": "Html"},
        smsTemplate={"body": "B", "senderNumber": "TTD"},
        recipients=[FJELLHEIM],
    )
    assert placing.post("/orders", request).status_code == 202
    placed = Order.objects.get()
    stored = {
        "creator_id": Creator.objects.get(short_name="ttd").pk,
        "senders_reference": "ref-1",
        "requested_send_time": datetime(2999, 1, 31, 12, tzinfo=UTC),
        "condition_endpoint": "https://example.no/met",
        "ignore_reservation": False,
        "resource_id": "app_ttd_apps-test",
        "resource_action": "write",
        "channel": "SmsPreferred",
        "email_subject": "S",
        "email_body": "<p>B</p>",
        "email_content_type": "Html",
        "sms_body": "B",
        "sms_sender": "TTD",
        "status": "Registered",
    }
    assert {name: getattr(placed, name) for name in stored} == stored
    assert Recipient.objects.get().organization_number == "311000179"


def test_what_the_sender_left_out_is_stored_as_unknown(api: Api) -> None:
    before = datetime.now(UTC)
    assert api.post("/orders/sms", sms()).status_code == 202
    placed = Order.objects.get()
    assert before <= placed.requested_send_time <= datetime.now(UTC)
    names = ("senders_reference", "condition_endpoint", "ignore_reservation", "resource_id")
    assert {getattr(placed, name) for name in names} == {None}
    assert placed.email_subject is None


def test_a_template_that_the_channel_does_not_need_is_kept(api: Api) -> None:
    assert api.post("/orders", order(notificationChannel="Sms")).status_code == 202
    assert Order.objects.get().email_subject == "Hello"


@pytest.mark.parametrize(
    ("path", "recipients", "status", "reserved", "missing"),
    [
        ("/orders/sms", [KARI], "Success", [], []),
        ("/orders/sms", [KARI, RAKEL_IS_RESERVED, OLA], "PartialSuccess", ["11876995923"], []),
        ("/orders/sms", [UNKNOWN], "Failed", [], ["399999999"]),
        (
            "/orders/sms",
            [RAKEL_IS_RESERVED, NO_CONTACT],
            "Failed",
            ["11876995923"],
            ["30865510027"],
        ),
        ("/orders/sms", [ONLY_EMAIL], "Failed", [], ["03826110006"]),
        ("/orders/email", [ONLY_EMAIL, FJELLHEIM], "Success", [], []),
        ("/orders", [ONLY_EMAIL, UNKNOWN], "PartialSuccess", [], ["399999999"]),
        ("/orders/sms", [{"mobileNumber": "+4799999999"}, UNKNOWN], "Failed", [], ["399999999"]),
        ("/orders/sms", [UNKNOWN, UNKNOWN], "Failed", [], ["399999999"]),
    ],
)
def test_whom_the_registers_know_no_way_to_is_told(
    placing: Api,
    path: str,
    recipients: list[dict[str, str]],
    status: str,
    reserved: list[str],
    missing: list[str],
) -> None:
    response = placing.post(path, request_for(path, recipients=recipients))
    assert response.status_code == 202
    look_up = response.json()["recipientLookup"]
    assert list(look_up) == ["status", "isReserved", "missingContact"]
    assert look_up == {"status": status, "isReserved": reserved, "missingContact": missing}


@pytest.mark.parametrize("path", PATHS)
def test_while_a_register_is_down_nothing_is_stored(
    placing: Api, simulators: Simulators, path: str
) -> None:
    simulators.fault("profile", "error500")
    response = placing.post(path, request_for(path, recipients=[KARI]))
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    problem = response.json()
    assert problem.pop("traceId")
    assert problem == {
        "type": "urn:altinn:error:NOT-00004",
        "title": "A temporary network failure occurred",
        "status": 503,
        "code": "NOT-00004",
        "statusDescription": "Service Unavailable",
    }
    assert not Order.objects.exists()


def test_a_platform_token_speaks_for_its_issuer(api: Api, cast: Cast) -> None:
    headers = {"PlatformAccessToken": cast.platform()}
    assert api.post("/orders/email", email(), headers=headers).status_code == 202
    assert Order.objects.get().creator.short_name == "ttd"


@pytest.mark.parametrize("path", PATHS)
def test_an_order_costs_one_statement(
    api: Api, ttd: Creator, path: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    creators.speaking_for(creators.Caller("ttd"))
    with django_assert_num_queries(1):
        assert api.post(path, request_for(path)).status_code == 202


def test_a_refused_order_costs_none(
    api: Api, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert api.post("/orders", {}).status_code == 400


def test_many_recipients_keep_their_order(api: Api) -> None:
    numbers = [f"+4790{index:06}" for index in range(10_000)]
    recipients = [{"mobileNumber": number} for number in numbers]
    assert api.post("/orders/sms", sms(recipients=recipients)).status_code == 202
    stored = Recipient.objects.order_by("id").values_list("mobile_number", flat=True)
    assert list(stored) == numbers


def test_what_goes_wrong_unexpectedly_is_a_problem_without_details(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE orders_order ADD CHECK (sms_body <> 'Kari''s secret')")
    response = api.post("/orders/sms", sms(body="Kari's secret"))
    assert response.status_code == 500
    problem = response.json()
    assert problem.pop("traceId")
    assert problem == {
        "type": "https://tools.ietf.org/html/rfc9110#section-15.6.1",
        "title": "An error occurred while processing your request.",
        "status": 500,
    }
    assert "psycopg.errors.CheckViolation" in caplog.text
    assert "registering.py" in caplog.text
    # PostgreSQL's message quotes the whole row.
    assert "secret" not in caplog.text
