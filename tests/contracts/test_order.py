"""Reading an order as it was placed: `GET /orders/{id}`."""

from typing import Any
from uuid import UUID

import pytest

from script.launcher.system.running_system import BASE, RunningSystem
from tests.contracts.requests import NEXT_YEAR, email, order, sms
from tests.contracts.service import Service, is_empty
from tests.contracts.tokens import Cast

FULL = order(
    sendersReference="ref-2024-01-01",
    requestedSendTime=f"{NEXT_YEAR}-01-10T09:00:00.500+01:00",
    conditionEndpoint="https://Example.com/condition?a=%20",
    ignoreReservation=False,
    resourceId="app_ttd_apps-test",
    resourceAction="read",
    recipients=[
        {"organizationNumber": "311000179"},
        {"mobileNumber": "+4799999999", "emailAddress": "a@example.com", "isReserved": True},
        {"nationalIdentityNumber": "01838510058"},
        {"organizationNumber": "311000179"},
    ],
)


def test_an_order_reads_as_it_was_placed(service: Service, live_web: RunningSystem) -> None:
    shown = service.place("/orders", FULL)
    address = f"{live_web.url}{BASE}/orders/{shown['id']}"
    assert list(shown.items()) == [
        ("id", str(UUID(shown["id"]))),
        ("sendersReference", "ref-2024-01-01"),
        ("requestedSendTime", f"{NEXT_YEAR}-01-10T08:00:00.5Z"),
        ("creator", "ttd"),
        ("created", shown["created"]),
        ("notificationChannel", "EmailPreferred"),
        ("ignoreReservation", False),
        ("resourceId", "app_ttd_apps-test"),
        ("resourceAction", "read"),
        (
            "recipients",
            [
                {"organizationNumber": "311000179"},
                {"emailAddress": "a@example.com", "mobileNumber": "+4799999999"},
                {"nationalIdentityNumber": "01838510058"},
                {"organizationNumber": "311000179"},
            ],
        ),
        ("conditionEndpoint", "https://Example.com/condition?a=%20"),
        (
            "emailTemplate",
            {
                "fromAddress": "noreply@altinn.cloud",
                "subject": "Hello",
                "body": "Hello.",
                "contentType": "Plain",
            },
        ),
        ("smsTemplate", {"senderNumber": "Altinn", "body": "Hello."}),
        ("links", {"self": address, "status": f"{address}/status"}),
    ]
    assert list(shown["recipients"][1]) == ["emailAddress", "mobileNumber"]


@pytest.mark.parametrize(
    ("path", "request_body", "template"),
    [("/orders/sms", sms(), "smsTemplate"), ("/orders/email", email(), "emailTemplate")],
)
def test_what_was_not_said_is_left_out(
    service: Service, path: str, request_body: dict[str, Any], template: str
) -> None:
    assert list(service.place(path, request_body)) == [
        "id",
        "requestedSendTime",
        "creator",
        "created",
        "notificationChannel",
        "recipients",
        template,
        "links",
    ]


@pytest.mark.parametrize("reference", ["", "  ", " æøå 😀\n"])
def test_the_reference_is_shown_as_given_even_if_blank(service: Service, reference: str) -> None:
    shown = service.place("/orders/sms", sms(sendersReference=reference))
    assert shown["sendersReference"] == reference


def test_another_creators_order_does_not_exist(service: Service, cast: Cast) -> None:
    other = {"Authorization": f"Bearer {cast.bearer(urn__altinn__org='skd')}"}
    order_id = service.place("/orders/sms", sms())["id"]
    for unknown in (order_id, str(UUID(int=0))):
        answer = service.get(f"/orders/{unknown}", headers=other)
        assert answer.status == 404
        assert is_empty(answer)


def test_an_id_may_be_written_in_any_form(service: Service) -> None:
    order_id = service.place("/orders/sms", sms())["id"]
    for written in (
        order_id.upper(),
        order_id.replace("-", ""),
        f"{{{order_id}}}",
        f"({order_id})",
    ):
        assert service.order(written)["id"] == order_id


@pytest.mark.parametrize("written", ["abc", "email", "sms", "1", "%F0%9F%98%80", "a%00b"])
def test_what_is_no_guid_is_refused_once_the_caller_is_known(
    service: Service, written: str
) -> None:
    answer = service.get(f"/orders/{written}")
    assert answer.status == 400
    assert list(answer.json["errors"]) == ["id"]
    assert service.get(f"/orders/{written}", headers={}).status == 401
