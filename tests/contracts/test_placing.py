"""Placing orders: what is answered, and what is stored once it is."""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from script.launcher.system.running_system import BASE, RunningSystem
from script.launcher.system.simulators import Simulators
from tests.contracts.requests import NEXT_YEAR, PATHS, email, order, request_for, sms
from tests.contracts.service import Service
from tests.contracts.tokens import Cast

TO_KARI = {"nationalIdentityNumber": "01838510058"}
OLA = {"nationalIdentityNumber": "17857810058"}
RAKEL_IS_RESERVED = {"nationalIdentityNumber": "11876995923"}
ONLY_EMAIL = {"nationalIdentityNumber": "03826110006"}
NO_CONTACT = {"nationalIdentityNumber": "30865510027"}
FJELLHEIM = {"organizationNumber": "311000179"}
UNKNOWN = {"organizationNumber": "399999999"}


@pytest.mark.parametrize("path", PATHS)
def test_an_order_is_accepted_with_its_address(
    service: Service, live_web: RunningSystem, path: str
) -> None:
    answer = service.post(path, request_for(path))
    assert answer.status == 202
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert list(answer.json) == ["orderId"]
    order_id = answer.json["orderId"]
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", order_id)
    location = answer.headers["Location"]
    assert location == f"{live_web.url}{BASE}/orders/{order_id}"
    found = service.call("GET", location.removeprefix(live_web.url), headers=service.headers)
    assert (found.status, found.json["id"]) == (200, order_id)


@pytest.mark.parametrize("path", PATHS)
def test_the_same_order_again_is_another_order(service: Service, path: str) -> None:
    request = request_for(path)
    assert service.place(path, request)["id"] != service.place(path, request)["id"]


def test_everything_the_sender_gave_is_stored(service: Service) -> None:
    given = {
        "sendersReference": "ref-1",
        "requestedSendTime": f"{NEXT_YEAR}-01-31T12:00:00Z",
        "conditionEndpoint": "https://example.no/met",
        "ignoreReservation": False,
        "resourceId": "app_ttd_apps-test",
        "resourceAction": "write",
        "notificationChannel": "SmsPreferred",
        "emailTemplate": {
            "fromAddress": "post@ttd.no",
            "subject": "S",
            "body": "<p>B</p>",
            "contentType": "Html",
        },
        "smsTemplate": {"senderNumber": "TTD", "body": "B"},
        "recipients": [FJELLHEIM, {"emailAddress": "a@b.no", "mobileNumber": "+4799999999"}],
    }
    placed = service.place("/orders", given)
    assert {name: placed[name] for name in given} == given
    assert placed["creator"] == "ttd"
    status = service.get(f"/orders/{placed['id']}/status").json["processingStatus"]
    assert status["status"] == "Registered"


def test_without_a_send_time_an_order_is_due_at_once(service: Service) -> None:
    before = datetime.now(UTC)
    placed = service.place("/orders/sms", sms())
    for name in ("created", "requestedSendTime"):
        assert before <= datetime.fromisoformat(placed[name]) <= before + timedelta(minutes=1)


@pytest.mark.parametrize("path", PATHS)
def test_ignoring_reservations_is_shown_only_if_it_was_decided(service: Service, path: str) -> None:
    for given in (True, False):
        placed = service.place(path, request_for(path, ignoreReservation=given))
        assert placed["ignoreReservation"] is given
    assert "ignoreReservation" not in service.place(path, request_for(path))


def test_a_template_that_the_channel_does_not_need_is_kept(service: Service) -> None:
    placed = service.place("/orders", order(notificationChannel="Sms"))
    assert placed["emailTemplate"]["subject"] == "Hello"


def test_keywords_are_stored_as_written(service: Service) -> None:
    text = "Dear $recipientName$ ($recipientNumber$), $somebody$ owes you 100 $."
    placed = service.place("/orders", order(emailTemplate={"subject": text, "body": text}))
    assert placed["emailTemplate"]["subject"] == text
    assert placed["emailTemplate"]["body"] == text


def test_many_recipients_keep_their_order(service: Service) -> None:
    recipients = [{"mobileNumber": f"+4790{index:06}"} for index in range(10_000)]
    assert service.place("/orders/sms", sms(recipients=recipients))["recipients"] == recipients


def test_equal_recipients_are_all_kept(service: Service) -> None:
    recipients = [{"mobileNumber": "+4799999999"}] * 3
    assert service.place("/orders/sms", sms(recipients=recipients))["recipients"] == recipients


@pytest.mark.parametrize(
    ("path", "recipients", "status", "reserved", "missing"),
    [
        ("/orders/sms", [TO_KARI], "Success", [], []),
        ("/orders/sms", [TO_KARI, RAKEL_IS_RESERVED, OLA], "PartialSuccess", ["11876995923"], []),
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
    service: Service,
    path: str,
    recipients: list[dict[str, str]],
    status: str,
    reserved: list[str],
    missing: list[str],
) -> None:
    answer = service.post(path, request_for(path, recipients=recipients))
    assert answer.status == 202
    look_up = answer.json["recipientLookup"]
    assert list(look_up) == ["status", "isReserved", "missingContact"]
    assert look_up == {"status": status, "isReserved": reserved, "missingContact": missing}
    assert service.order(answer.json["orderId"])["recipients"] == recipients


def test_a_reserved_person_is_told_also_where_reservations_are_ignored(service: Service) -> None:
    answer = service.post(
        "/orders/sms", sms(recipients=[RAKEL_IS_RESERVED], ignoreReservation=True)
    )
    assert answer.json["recipientLookup"]["isReserved"] == ["11876995923"]


@pytest.mark.parametrize("path", PATHS)
def test_while_a_register_is_down_nothing_is_stored(
    service: Service, registers: Simulators, path: str
) -> None:
    registers.fault("profile", "error500")
    reference = str(uuid4())
    request = request_for(path, recipients=[TO_KARI], sendersReference=reference)
    answer = service.post(path, request)
    assert answer.status == 503
    assert int(answer.headers["Retry-After"]) > 0
    problem = answer.json
    assert problem.pop("traceId")
    assert problem == {
        "type": "urn:altinn:error:NOT-00004",
        "title": "A temporary network failure occurred",
        "status": 503,
        "code": "NOT-00004",
        "statusDescription": "Service Unavailable",
        "errorCode": "NOT-00004",
        "detail": "A temporary network failure occurred",
    }
    assert service.get(f"/orders?sendersReference={reference}").json["count"] == 0


def test_a_platform_token_speaks_for_its_issuer(service: Service, cast: Cast) -> None:
    headers = {"PlatformAccessToken": cast.platform()}
    assert service.place("/orders/email", email(), headers=headers)["creator"] == "ttd"
