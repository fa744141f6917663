"""What the support dashboard finds, and that each look at a person is logged."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from back_office.audit import log
from back_office.models import StaffAction
from bench.plans import most_rows_read
from notifications.models import NotificationChannel, NotificationStatus
from notifications.reading import deliveries
from notifications.reading.deliveries import Period, Shipment
from orders.models import Channel, Creator, Order
from runtime import clock
from tests.building import FJELLHEIM, KARI, NOON, notification, order
from tests.contracts.tokens import SUPPORT_SCOPE, Cast
from tests.in_process_api import Api

S = NotificationStatus
SMS, EMAIL = NotificationChannel.SMS, NotificationChannel.EMAIL
BASE = "/future/dashboard/recipients/notifications/"
NIN = {"NationalIdentityNumber": KARI}
DAY = timedelta(days=1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)


class Dashboard:
    """Asks with a good token."""

    def __init__(self, api: Api, cast: Cast) -> None:
        token = cast.bearer(
            urn__altinn__scope=SUPPORT_SCOPE, urn__altinn__org=None, client_id="support-dashboard"
        )
        self.api, self.token = api, {"Authorization": f"Bearer {token}"}

    def ask(self, look_up: str, headers: dict[str, str], query: str = "") -> Any:
        return self.api.get(f"{BASE}{look_up}{query}", headers={**self.token, **headers})

    def errors(self, look_up: str, headers: dict[str, str], query: str = "") -> Any:
        answer = self.ask(look_up, headers, query)
        assert answer.status_code == 400, answer.content
        return answer.json()["errors"]


@pytest.fixture
def dashboard(api: Api, cast: Cast) -> Dashboard:
    return Dashboard(api, cast)


def of_kari(creator: Creator, **fields: Any) -> Order:
    values: dict[str, Any] = {"senders_reference": "ref-M", "requested_send_time": NOON - DAY}
    return order(creator, Channel.EMAIL_PREFERRED, **values | fields)


def test_a_person_is_found_with_all_that_was_tried(
    ttd: Creator, skd: Creator, dashboard: Dashboard
) -> None:
    older = of_kari(ttd, resource_id="urn:altinn:resource:tax-2025")
    newer = of_kari(skd, requested_send_time=NOON - DAY / 2, senders_reference=None)
    kari: dict[str, Any] = {"national_identity_number": KARI}
    notification(older, S.FAILED_RECIPIENT_NOT_IDENTIFIED, channel=SMS, address="", **kari)
    notification(older, S.DELIVERED, channel=EMAIL, address="Kari@example.com", **kari)
    notification(newer, S.NEW, channel=SMS, address="+4799999999", **kari)
    notification(newer, S.NEW, channel=SMS, national_identity_number="17857810058")
    answer = dashboard.ask("nin", NIN)
    assert answer.status_code == 200
    assert answer.json() == [
        {
            "shipmentId": str(newer.pk),
            "creatorName": "skd",
            "requestedSendTime": "2025-08-24T22:00:00Z",
            "notificationChannel": "EmailPreferred",
            "notificationType": "Notification",
            "deliveryAttempts": [
                {
                    "nationalIdentityNumber": KARI,
                    "channel": "sms",
                    "mobileNumber": "+4799999999",
                    "result": "New",
                    "resultTime": "2025-08-25T10:00:00Z",
                }
            ],
        },
        {
            "shipmentId": str(older.pk),
            "creatorName": "ttd",
            "resourceId": "urn:altinn:resource:tax-2025",
            "sendersReference": "ref-M",
            "requestedSendTime": "2025-08-24T10:00:00Z",
            "notificationChannel": "EmailPreferred",
            "notificationType": "Notification",
            "deliveryAttempts": [
                {
                    "nationalIdentityNumber": KARI,
                    "channel": "email",
                    "emailAddress": "Kari@example.com",
                    "result": "Delivered",
                    "resultTime": "2025-08-25T10:00:00Z",
                },
                {
                    "nationalIdentityNumber": KARI,
                    "channel": "sms",
                    "mobileNumber": "",
                    "result": "Failed_RecipientNotIdentified",
                    "resultTime": "2025-08-25T10:00:00Z",
                },
            ],
        },
    ]


def test_an_organisation_is_found_with_those_who_act_for_it(
    ttd: Creator, dashboard: Dashboard
) -> None:
    one = of_kari(ttd)
    for address in ("post@example.no", "kari@example.no"):
        notification(one, S.NEW, channel=EMAIL, address=address, organization_number=FJELLHEIM)
    (found,) = dashboard.ask("orgnumber", {"OrganizationNumber": FJELLHEIM}).json()
    assert [(a["organizationNumber"], a["emailAddress"]) for a in found["deliveryAttempts"]] == [
        (FJELLHEIM, "post@example.no"),
        (FJELLHEIM, "kari@example.no"),
    ]


def test_an_address_is_found_however_it_is_written(ttd: Creator, dashboard: Dashboard) -> None:
    one = of_kari(ttd)
    mail: dict[str, Any] = {"address": "Kari@Example.com", "normalized_address": "kari@example.com"}
    notification(one, S.NEW, channel=EMAIL, **mail)
    for written in ("kari@example.com", "KARI@EXAMPLE.COM"):
        (found,) = dashboard.ask("email", {"Email": written}).json()
        (attempt,) = found["deliveryAttempts"]
        assert attempt["emailAddress"] == "Kari@Example.com"
        assert "nationalIdentityNumber" not in attempt
    assert dashboard.ask("email", {"Email": "ola@example.com"}).json() == []


@pytest.mark.parametrize("written", ["+4799999999", "004799999999", "99999999", "+47 99 99 99 99"])
def test_a_number_is_found_however_it_is_written(
    ttd: Creator, dashboard: Dashboard, written: str
) -> None:
    notification(of_kari(ttd), S.NEW, channel=SMS, address="0047 99999999")
    notification(of_kari(ttd), S.NEW, channel=SMS, normalized_address="+4799999998")
    assert len(dashboard.ask("phonenumber", {"PhoneNumber": written}).json()) == 1


def test_a_foreign_number_is_found(ttd: Creator, dashboard: Dashboard) -> None:
    notification(of_kari(ttd), S.NEW, channel=SMS, normalized_address="+46701740605")
    assert len(dashboard.ask("phonenumber", {"PhoneNumber": "0046701740605"}).json()) == 1


def test_a_shipment_is_found_whenever_it_was_to_be_sent(ttd: Creator, dashboard: Dashboard) -> None:
    one = of_kari(ttd, requested_send_time=NOON - 400 * DAY)
    notification(one, S.NEW, channel=SMS)
    (found,) = dashboard.ask("shipmentid", {"ShipmentId": str(one.pk)}).json()
    assert found["shipmentId"] == str(one.pk)
    assert len(found["deliveryAttempts"]) == 1
    assert dashboard.ask("shipmentid", {"ShipmentId": str(uuid4())}).json() == []


def test_the_period_is_the_last_seven_days_or_what_the_query_says(
    ttd: Creator, dashboard: Dashboard
) -> None:
    for days in (1, 6.9, 7, 7.1, 30):
        one = of_kari(ttd, requested_send_time=NOON - days * DAY)
        notification(one, S.NEW, channel=SMS, national_identity_number=KARI)

    def found(query: str) -> int:
        return len(dashboard.ask("nin", NIN, query).json())

    assert found("") == 3
    assert found("?from=&to=") == 3
    assert found("?from=2025-07-26T10:00:00Z") == 5
    assert found("?from=2025-07-26T12%3A00%3A00.0000000%2B02%3A00") == 5
    assert found("?from=2025-07-26T10:00:00.0000001Z&to=2025-08-24T10:00:00Z") == 4
    assert found("?from=2025-07-27T10:00:00Z&to=2025-08-18T10:00:00Z") == 1


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ("?from=2025-08-20T00:00:00", {"From": ["The 'from' value must be UTC."]}),
        ("?to=2025-08-24T00:00:00", {"To": ["The 'to' value must be UTC."]}),
        ("?from=abc", {"From": ["The value 'abc' is not valid for From."]}),
        ("?to=abc", {"To": ["The value 'abc' is not valid for To."]}),
        (
            "?from=2025-08-24T00:00:00Z&to=2025-08-24T00:00:00Z",
            {"From": ["'from' must be earlier than 'to'."]},
        ),
        (
            "?from=2027-08-24T00:00:00Z&to=2026-08-24T00:00:00Z",
            {
                "From": [
                    "'from' must be earlier than 'to'.",
                    "'from' must not be in the future.",
                ],
                "To": ["'to' must not be in the future."],
            },
        ),
        (
            "?from=2015-08-25T09:59:59Z",
            {"From": ["'from' must not be earlier than 10 years ago."]},
        ),
        (
            "?to=2025-08-18T10:00:00Z",
            {"To": ["'to' must be later than the default 'from' (7 days ago)."]},
        ),
    ],
)
def test_what_is_wrong_with_a_period_is_said(
    dashboard: Dashboard, query: str, errors: dict[str, list[str]]
) -> None:
    assert dashboard.errors("nin", NIN, query) == errors
    assert not StaffAction.objects.exists()


@pytest.mark.parametrize(
    ("look_up", "header", "bad", "message"),
    [
        (
            "nin",
            "NationalIdentityNumber",
            "0183851005",
            "National identity number must be 11 digits long.",
        ),
        (
            "orgnumber",
            "OrganizationNumber",
            "31100017a",
            "Organization number must be 9 digits long.",
        ),
        ("email", "Email", "kari", "'Email' must be a valid email address."),
        ("phonenumber", "PhoneNumber", "12345678", "'PhoneNumber' must be a valid mobile number."),
        ("shipmentid", "ShipmentId", "x", "The value 'x' is not valid for ShipmentId."),
    ],
)
def test_what_is_wrong_with_a_header_is_said(
    dashboard: Dashboard, look_up: str, header: str, bad: str, message: str
) -> None:
    missing = f"A value for the '{header}' parameter or property was not provided."
    assert dashboard.errors(look_up, {}) == {header: [missing]}
    assert dashboard.errors(look_up, {header: " "}) == {
        header: [f"The {header} field is required."]
    }
    assert dashboard.errors(look_up, {header: bad}) == {header: [message]}
    assert not StaffAction.objects.exists()


@pytest.mark.parametrize("written", ["kari@bl\u00e5b\u00e6r.no", "KARI@xn--blbr-roah.no"])
def test_an_address_is_found_however_its_letters_are_written(
    ttd: Creator, dashboard: Dashboard, written: str
) -> None:
    """Servers read headers as Latin-1, whatever was meant."""
    address = "kari@xn--blbr-roah.no"
    placed = order(ttd, Channel.EMAIL, requested_send_time=NOON - DAY)
    notification(placed, S.DELIVERED, channel=EMAIL, address=address, normalized_address=address)
    found = dashboard.ask("email", {"Email": written.encode().decode("latin-1")}).json()
    assert [one["shipmentId"] for one in found] == [str(placed.pk)]


def test_each_look_up_is_in_the_audit_log_without_the_person(
    ttd: Creator, dashboard: Dashboard
) -> None:
    one = of_kari(ttd)
    notification(one, S.NEW, channel=SMS, national_identity_number=KARI)
    dashboard.ask("nin", NIN)
    dashboard.ask("phonenumber", {"PhoneNumber": "+4799999999"})
    dashboard.ask("email", {"Email": "kari@example.com"})
    dashboard.ask("shipmentid", {"ShipmentId": str(one.pk)})
    entries = list(StaffAction.objects.order_by("id"))
    assert [entry.what for entry in entries] == ["LookedUp"] * 4
    assert {entry.staff_name for entry in entries} == {"support-dashboard"}
    assert entries[0].detail == {
        "by": "national identity number",
        "shown": "018385*****",
        "from": "2025-08-18T10:00:00Z",
        "to": "2025-08-25T10:00:00Z",
        "orders": 1,
    }
    assert [entry.detail.get("shown") for entry in entries[1:]] == [
        "+47 99 99 ** **",
        "k***@example.com",
        None,
    ]
    assert (entries[3].subject_type, entries[3].subject_id) == ("order", str(one.pk))


def test_the_desk_shows_the_look_ups(dashboard: Dashboard) -> None:
    dashboard.ask("nin", NIN)
    staff = Client()
    staff.force_login(User.objects.create_superuser("astrid"))
    page = staff.get("/admin/back_office/staffaction/", headers={"Accept-Language": "en"})
    assert "Looked up by the support dashboard" in page.content.decode()
    assert KARI not in page.content.decode()


def test_what_cannot_be_logged_is_not_answered(
    ttd: Creator, dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*given: Any, **named: Any) -> None:
        raise OSError

    monkeypatch.setattr(log, "record", fails)
    answer = dashboard.ask("nin", NIN)
    assert answer.status_code == 500
    assert KARI not in answer.content.decode()


def test_what_was_purged_is_not_found(ttd: Creator, dashboard: Dashboard) -> None:
    one = of_kari(ttd, purged_at=NOON)
    notification(one, S.DELIVERED, channel=SMS, address="", normalized_address="")
    assert dashboard.ask("nin", NIN).json() == []
    (found,) = dashboard.ask("shipmentid", {"ShipmentId": str(one.pk)}).json()
    assert "mobileNumber" not in found["deliveryAttempts"][0]


def test_a_look_up_reads_a_bounded_number_of_entries(
    ttd: Creator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "MAX_NOTIFICATIONS", 20)
    one = of_kari(ttd)
    for number in range(200):
        of_whom: dict[str, Any] = {"national_identity_number": KARI} if number % 2 else {}
        notification(one, S.NEW, channel=SMS, organization_number=FJELLHEIM, **of_whom)
    period = Period(NOON - 7 * DAY, NOON)
    look_ups: list[Callable[[], list[Shipment]]] = [
        lambda: deliveries.of_person(KARI, period=period),
        lambda: deliveries.of_organization(FJELLHEIM, period=period),
        lambda: deliveries.of_mobile_number("+4799999999", period=period),
        lambda: deliveries.of_order(one.pk),
    ]
    with connection.cursor() as cursor:
        # Other tests of the process leave dead rows, which such a scan counts; and of tables as
        # small as these some are read as a whole and sorted.
        cursor.execute("SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off")
    for look_up in look_ups:
        (found,) = look_up()
        assert len(found.attempts) == 20
        assert most_rows_read(look_up) <= 21
