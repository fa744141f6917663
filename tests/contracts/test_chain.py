"""Placing a notification with its reminders: what is answered, and what is stored."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from script.launcher.system.running_system import Answer
from script.launcher.system.simulators import Simulators
from tests.contracts.requests import (
    FUTURE,
    NEXT_YEAR,
    by_email,
    by_sms,
    chain,
    looked_up,
    reminder,
)
from tests.contracts.service import Service, is_empty
from tests.contracts.tokens import Cast

NEW_YEAR = datetime(NEXT_YEAR, 1, 1, 8, 0, tzinfo=UTC)
WITHOUT_CONTACT, RESERVED, STALE = "30865510027", "11876995923", "20848410110"


def answered(answer: Answer) -> tuple[int, Any, str | None]:
    return answer.status, answer.json, answer.headers["Location"]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def problem_code(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["code"]


def test_a_chain_is_answered_with_the_ids_of_all_its_shipments(service: Service) -> None:
    request = chain(
        sendersReference="main",
        reminders=[reminder(sendersReference="first"), reminder(delayDays=14)],
    )
    answer = service.post(FUTURE, request)
    assert answer.status == 201
    assert list(answer.json) == ["notificationOrderId", "notification"]
    notification = answer.json["notification"]
    assert list(notification) == ["reminders", "shipmentId", "sendersReference"]
    assert [list(one) for one in notification["reminders"]] == [
        ["shipmentId", "sendersReference"],
        ["shipmentId"],
    ]
    assert notification["sendersReference"] == "main"
    assert notification["reminders"][0]["sendersReference"] == "first"
    chain_id = answer.json["notificationOrderId"]
    ids = [chain_id, notification["shipmentId"]]
    ids += [one["shipmentId"] for one in notification["reminders"]]
    assert len(set(ids)) == 4
    location: str = answer.headers["Location"]
    assert location.endswith(f"/notifications/api/v1/orders/chain/{chain_id}")


@pytest.mark.parametrize("reminders", [{}, {"reminders": None}, {"reminders": []}])
def test_without_reminders_there_is_no_such_member(
    service: Service, reminders: dict[str, Any]
) -> None:
    answer = service.post(FUTURE, chain(**reminders))
    assert answer.status == 201
    assert list(answer.json["notification"]) == ["shipmentId"]


def test_a_reference_is_answered_as_it_was_sent_even_if_blank(service: Service) -> None:
    request = chain(sendersReference="", reminders=[reminder(sendersReference=" ")])
    first, again = service.post(FUTURE, request), service.post(FUTURE, request)
    assert (first.status, again.status) == (201, 200)
    for answer in (first, again):
        assert answer.json["notification"]["sendersReference"] == ""
        assert answer.json["notification"]["reminders"][0]["sendersReference"] == " "


def test_the_id_of_a_chain_is_no_order(service: Service) -> None:
    chain_id, _ = service.place_chain(chain())
    answer = service.get(f"/orders/{chain_id}")
    assert answer.status == 404
    assert is_empty(answer)


@pytest.mark.parametrize(
    ("recipient", "stored", "channel"),
    [
        (by_email(), {"emailAddress": "kari@example.com"}, "Email"),
        (by_sms(phoneNumber="0047 999 99 999"), {"mobileNumber": "0047 999 99 999"}, "Sms"),
        (looked_up(), {"nationalIdentityNumber": "01838510058"}, "EmailPreferred"),
        (
            looked_up("recipientOrganization", channelSchema="EmailAndSms"),
            {"organizationNumber": "311000179"},
            "EmailAndSms",
        ),
        (looked_up("recipientExternalIdentity", channelSchema="SmsPreferred"), {}, "SmsPreferred"),
        (looked_up(channelSchema="Sms"), {"nationalIdentityNumber": "01838510058"}, "Sms"),
        (looked_up(channelSchema="Email"), {"nationalIdentityNumber": "01838510058"}, "Email"),
    ],
)
def test_each_kind_of_recipient_is_taken(
    service: Service, recipient: dict[str, Any], stored: dict[str, str], channel: str
) -> None:
    _, shipments = service.place_chain(
        chain(recipient=recipient, reminders=[reminder(recipient=recipient)])
    )
    for shipment in shipments:
        order = service.order(shipment)
        assert order["recipients"] == [stored]
        assert order["notificationChannel"] == channel


def test_everything_about_the_main_order_and_its_reminder_is_stored(service: Service) -> None:
    request = chain(
        sendersReference="main",
        requestedSendTime=NEW_YEAR.isoformat(),
        conditionEndpoint="https://ttd.example.no/condition?code=a%20b",
        recipient=looked_up(
            resourceId="urn:altinn:resource:tax-2025",
            resourceAction="sign",
            ignoreReservation=True,
            emailSettings={
                "senderEmailAddress": " ttd@example.com ",
                "subject": "To\r\nlines",
                "body": "<p>Hello</p>",
                "contentType": "Html",
            },
            smsSettings={"sender": " TTD ", "body": "Hello."},
        ),
        reminders=[
            reminder(
                sendersReference="reminder",
                delayDays=None,
                requestedSendTime=(NEW_YEAR + timedelta(hours=1)).isoformat(),
                recipient=looked_up(channelSchema="Sms"),
            )
        ],
    )
    _, (main, later) = service.place_chain(request)
    order = service.order(main)
    for volatile in ("id", "created", "links"):
        del order[volatile]
    assert order == {
        "sendersReference": "main",
        "requestedSendTime": f"{NEXT_YEAR}-01-01T08:00:00Z",
        "creator": "ttd",
        "notificationChannel": "EmailPreferred",
        "ignoreReservation": True,
        "resourceId": "urn:altinn:resource:tax-2025",
        "resourceAction": "sign",
        "recipients": [{"nationalIdentityNumber": "01838510058"}],
        "conditionEndpoint": "https://ttd.example.no/condition?code=a%20b",
        "emailTemplate": {
            "fromAddress": "ttd@example.com",
            "subject": "To lines",
            "body": "<p>Hello</p>",
            "contentType": "Html",
        },
        "smsTemplate": {"senderNumber": "TTD", "body": "Hello."},
    }
    order = service.order(later)
    assert order["sendersReference"] == "reminder"
    assert order["requestedSendTime"] == f"{NEXT_YEAR}-01-01T09:00:00Z"
    # Its own condition only; false, since a person may be reserved; and both texts.
    assert "conditionEndpoint" not in order
    assert order["ignoreReservation"] is False
    assert {"emailTemplate", "smsTemplate"} <= order.keys()


def test_who_is_no_person_has_no_say_about_reservations(service: Service) -> None:
    for member in ("recipientOrganization", "recipientExternalIdentity"):
        _, (main,) = service.place_chain(chain(recipient=looked_up(member)))
        assert "ignoreReservation" not in service.order(main)


def test_days_are_counted_in_hours_from_the_main_order(service: Service) -> None:
    spring = datetime(NEXT_YEAR, 3, 20, 12, 0, 0, 123456, tzinfo=UTC)
    request = chain(requestedSendTime=spring.isoformat(), reminders=[reminder(delayDays=30)])
    _, (_, later) = service.place_chain(request)
    stored = moment(service.order(later)["requestedSendTime"])
    assert stored == spring + 30 * timedelta(hours=24)


def test_without_a_send_time_days_are_counted_from_now(service: Service) -> None:
    _, (main, later) = service.place_chain(chain(reminders=[reminder(delayDays=1)]))
    times = [moment(service.order(one)["requestedSendTime"]) for one in (main, later)]
    assert times[1] - times[0] == timedelta(hours=24)
    assert timedelta(0) <= datetime.now(UTC) - times[0] < timedelta(minutes=1)


def test_reminders_may_come_at_any_time_and_together(service: Service) -> None:
    early = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    reminders = [
        reminder(delayDays=None, requestedSendTime=early),
        reminder(delayDays=None, requestedSendTime=early),
        reminder(delayDays="7"),
    ]
    request = chain(requestedSendTime=NEW_YEAR.isoformat(), reminders=reminders)
    _, shipments = service.place_chain(request)
    assert len(shipments) == 4


def test_the_whole_chain_is_created_at_one_moment(service: Service) -> None:
    _, shipments = service.place_chain(chain(reminders=[reminder(), reminder()]))
    assert len({service.order(one)["created"] for one in shipments}) == 1


def test_every_shipment_is_found_by_its_own_reference(service: Service) -> None:
    request = chain(sendersReference="chain-main", reminders=[reminder(sendersReference="chain-r")])
    _, (main, later) = service.place_chain(request)
    for reference, shipment in (("chain-main", main), ("chain-r", later)):
        found = service.get(f"/orders?sendersReference={reference}").json["orders"]
        assert [one["id"] for one in found] == [shipment]


def test_each_shipment_is_cancelled_by_itself(service: Service) -> None:
    request = chain(requestedSendTime=NEW_YEAR.isoformat(), reminders=[reminder()])
    _, (main, later) = service.place_chain(request)
    assert service.put(f"/orders/{later}/cancel").status == 200
    statuses = [
        service.get(f"/orders/{one}/status").json["processingStatus"]["status"]
        for one in (main, later)
    ]
    assert statuses == ["Registered", "Cancelled"]


def test_a_chain_belongs_to_its_creator_alone(service: Service, cast: Cast) -> None:
    _, (main,) = service.place_chain(chain())
    others = {"Authorization": f"Bearer {cast.bearer(urn__altinn__org='skd')}"}
    assert service.get(f"/orders/{main}", headers=others).status == 404


class TestARepeat:
    def test_is_answered_with_the_first_answer_and_no_location(self, service: Service) -> None:
        request = chain(sendersReference="once", reminders=[reminder()])
        status, first, location = answered(service.post(FUTURE, request))
        assert (status, location is not None) == (201, True)
        assert answered(service.post(FUTURE, request)) == (200, first, None)

    @pytest.mark.parametrize(
        "changes",
        [
            {"recipient": by_sms(), "reminders": [], "sendersReference": "another"},
            {"requestedSendTime": "2020-01-01T00:00:00Z"},
            {"recipient": {}, "reminders": [None]},
            {"recipient": 7},
            {"recipient": looked_up(nationalIdentityNumber=WITHOUT_CONTACT)},
        ],
        ids=["another order", "past", "without recipient", "of a wrong type", "out of reach"],
    )
    def test_counts_whatever_else_it_says(self, service: Service, changes: dict[str, Any]) -> None:
        request = chain(sendersReference="once", reminders=[reminder()])
        _, first, _ = answered(service.post(FUTURE, request))
        assert answered(service.post(FUTURE, request | changes)) == (200, first, None)

    def test_counts_when_the_chain_was_cancelled(self, service: Service) -> None:
        request = chain(requestedSendTime=NEW_YEAR.isoformat())
        _, first, _ = answered(service.post(FUTURE, request))
        shipment = first["notification"]["shipmentId"]
        assert service.put(f"/orders/{shipment}/cancel").status == 200
        assert answered(service.post(FUTURE, request)) == (200, first, None)

    def test_needs_exactly_the_same_id(self, service: Service) -> None:
        request = chain(idempotencyId="51234567/0198-init")
        ids = ["51234567/0198-init ", "51234567/0198-INIT"]
        first = service.place_chain(request)
        others = [service.place_chain(request | {"idempotencyId": one}) for one in ids]
        assert len({first[0], *(chain_id for chain_id, _ in others)}) == 3

    def test_of_another_creator_is_another_chain(self, service: Service, cast: Cast) -> None:
        request = chain()
        first, _ = service.place_chain(request)
        others = {"Authorization": f"Bearer {cast.bearer(urn__altinn__org='skd')}"}
        assert service.place_chain(request, headers=others)[0] != first

    def test_may_come_with_either_token(self, service: Service, cast: Cast) -> None:
        request = chain()
        _, first, _ = answered(service.post(FUTURE, request))
        platform = {"PlatformAccessToken": cast.platform()}
        again = service.post(FUTURE, request, headers=platform)
        assert answered(again) == (200, first, None)

    def test_counts_under_the_name_in_any_letter_case_the_last_of_equal_ones(
        self, service: Service
    ) -> None:
        request = chain()
        _, first, _ = answered(service.post(FUTURE, request))
        own = request.pop("idempotencyId")
        again = {"idempotencyId": "not this one", **request, "IDEMPOTENCYID": own}
        assert answered(service.post(FUTURE, again)) == (200, first, None)

    def test_is_not_known_by_a_header(self, service: Service) -> None:
        headers = service.headers | {"Idempotency-Key": "the same"}
        assert service.post(FUTURE, chain(), headers=headers).status == 201
        assert service.post(FUTURE, chain(), headers=headers).status == 201

    def test_sent_ten_times_at_once_makes_one_chain(self, service: Service) -> None:
        request = chain(sendersReference="ten-at-once", reminders=[reminder()])
        with ThreadPoolExecutor(10) as threads:
            answers = list(threads.map(lambda _: service.post(FUTURE, request), range(10)))
        assert sorted(one.status for one in answers) == [200] * 9 + [201]
        assert len({str(one.json) for one in answers}) == 1
        assert service.get("/orders?sendersReference=ten-at-once").json["count"] == 1

    @pytest.mark.parametrize("key", ["x" * 2_001, "å" * 1_001])
    def test_cannot_be_asked_for_by_an_id_that_is_too_long(
        self, service: Service, key: str
    ) -> None:
        assert list(service.errors(FUTURE, chain(idempotencyId=key))) == ["IdempotencyId"]

    def test_may_be_asked_for_by_a_long_id(self, service: Service) -> None:
        request = chain(idempotencyId="x" * 1_999 + "y")
        assert service.post(FUTURE, request).status == 201
        assert service.post(FUTURE, request).status == 200


class TestWhoCannotBeReached:
    @pytest.mark.parametrize(
        "recipient",
        [
            looked_up(nationalIdentityNumber=WITHOUT_CONTACT),
            looked_up(nationalIdentityNumber="00000000000"),
            looked_up(nationalIdentityNumber="03826110006", channelSchema="Sms"),
            looked_up(nationalIdentityNumber=STALE),
            looked_up("recipientOrganization", orgNumber="313100006"),
            looked_up("recipientOrganization", orgNumber="313200000"),
            looked_up(
                "recipientExternalIdentity", externalIdentity="urn:altinn:party:username:nobody"
            ),
        ],
    )
    def test_makes_the_chain_a_422(self, service: Service, recipient: dict[str, Any]) -> None:
        request = chain(recipient=recipient)
        answer = service.post(FUTURE, request)
        assert answer.status == 422
        problem = answer.json
        assert problem.pop("traceId").startswith("00-")
        assert problem == {
            "type": "urn:altinn:error:NOT-00001",
            "title": "Missing contact information for recipient(s)",
            "status": 422,
            "code": "NOT-00001",
            "statusDescription": "Unprocessable Entity",
            "errorCode": "NOT-00001",
            "detail": "Missing contact information for recipient(s)",
        }

    def test_leaves_the_id_free(self, service: Service) -> None:
        request = chain(recipient=looked_up(nationalIdentityNumber=WITHOUT_CONTACT))
        assert problem_code(service.post(FUTURE, request)) == (422, "NOT-00001")
        assert service.post(FUTURE, request | {"recipient": by_email()}).status == 201

    def test_may_be_the_last_of_the_reminders(self, service: Service) -> None:
        unreachable = reminder(recipient=looked_up(nationalIdentityNumber=WITHOUT_CONTACT))
        request = chain(sendersReference="unreachable", reminders=[reminder(), unreachable])
        assert problem_code(service.post(FUTURE, request)) == (422, "NOT-00001")
        assert service.get("/orders?sendersReference=unreachable").json["count"] == 0

    @pytest.mark.parametrize(
        "recipient",
        [
            looked_up(nationalIdentityNumber=RESERVED),
            looked_up(nationalIdentityNumber="03826110006", channelSchema="EmailAndSms"),
            looked_up(nationalIdentityNumber="03826110006", channelSchema="SmsPreferred"),
            looked_up(nationalIdentityNumber=STALE, useStaleContactInformation=True),
            looked_up(
                "recipientOrganization",
                orgNumber="313200000",
                resourceId="urn:altinn:resource:app_ttd_apps-test",
            ),
            looked_up(
                "recipientExternalIdentity",
                externalIdentity="urn:altinn:person:idporten-email:kari%2Bx@example.com",
                channelSchema="Email",
            ),
        ],
        ids=["reserved", "one of both", "the other one", "stale", "by its users", "by the URN"],
    )
    def test_is_not_this_one(self, service: Service, recipient: dict[str, Any]) -> None:
        assert service.post(FUTURE, chain(recipient=recipient)).status == 201

    def test_at_the_tax_administration_is_nobody_with_stale_addresses(
        self, service: Service, cast: Cast
    ) -> None:
        tax = {"Authorization": f"Bearer {cast.bearer(urn__altinn__org='skd')}"}
        stale = looked_up(nationalIdentityNumber=STALE)
        request = chain(recipient=stale, reminders=[reminder(recipient=stale)])
        assert service.post(FUTURE, request, headers=tax).status == 201

    def test_is_not_known_while_a_register_is_down(
        self, service: Service, registers: Simulators
    ) -> None:
        registers.fault("profile", "error500")
        request = chain(recipient=looked_up())
        answer = service.post(FUTURE, request)
        assert problem_code(answer) == (503, "NOT-00004")
        assert int(answer.headers["Retry-After"]) > 0
        registers.reset()
        assert service.post(FUTURE, request).status == 201
