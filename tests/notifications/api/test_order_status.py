"""Reading how far an order has come."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from notifications.models import (
    EMAIL_STATUSES,
    SMS_STATUSES,
    NotificationChannel,
    NotificationStatus,
)
from orders import creators
from orders.models import Channel, Creator, Order, OrderStatus
from tests import building
from tests.in_process_api import Api

AT = datetime(2024, 1, 10, 8, 1, 0, 123456, tzinfo=UTC)
S = NotificationStatus

pytestmark = pytest.mark.django_db


def status_of(api: Api, order: Order) -> dict[str, Any]:
    response = api.get(f"/orders/{order.pk}/status")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json; charset=utf-8"
    shown: dict[str, Any] = response.json()
    return shown


def test_a_status_reads_as_in_the_contract(api: Api, ttd: Creator) -> None:
    made = building.order(
        ttd,
        Channel.EMAIL_PREFERRED,
        now=datetime(2024, 1, 9, 12, 34, 56, 120000, tzinfo=UTC),
        senders_reference="ref-2024-01-01",
        requested_send_time=datetime(2024, 1, 10, 8, tzinfo=UTC),
        ignore_reservation=False,
        resource_id="app_ttd_apps-test",
        resource_action="sign",
        condition_endpoint="https://example.com/condition",
        status=OrderStatus.COMPLETED,
        status_at=AT,
    )
    building.notification(made, S.DELIVERED, channel=NotificationChannel.EMAIL)
    building.notification(made, S.FAILED, channel=NotificationChannel.EMAIL)
    building.notification(made, S.DELIVERED, channel=NotificationChannel.SMS)
    address = f"https://notifications.example/notifications/api/v1/orders/{made.pk}/notifications"
    shown = status_of(api, made)
    assert list(shown.items()) == [
        ("id", str(made.pk)),
        ("sendersReference", "ref-2024-01-01"),
        ("requestedSendTime", "2024-01-10T08:00:00Z"),
        ("creator", "ttd"),
        ("created", "2024-01-09T12:34:56.12Z"),
        ("notificationChannel", "EmailPreferred"),
        ("ignoreReservation", False),
        ("resourceId", "app_ttd_apps-test"),
        ("resourceAction", "sign"),
        (
            "processingStatus",
            {
                "status": "Completed",
                "description": (
                    "Order processing is completed. All notifications have a final status."
                ),
                "lastUpdate": "2024-01-10T08:01:00.123456Z",
            },
        ),
        ("conditionEndpoint", "https://example.com/condition"),
        (
            "notificationsStatusSummary",
            {
                "email": {"links": {"self": f"{address}/email"}, "generated": 2, "succeeded": 1},
                "sms": {"links": {"self": f"{address}/sms"}, "generated": 1, "succeeded": 1},
            },
        ),
    ]
    assert list(shown["processingStatus"]) == ["status", "description", "lastUpdate"]
    assert list(shown["notificationsStatusSummary"]) == ["email", "sms"]


WORDS = [
    (
        "Registered",
        "Registered",
        "Order has been registered and is awaiting requested send time before processing.",
    ),
    (
        "Processing",
        "Processing",
        "Order processing is ongoing. Notifications are being generated.",
    ),
    (
        "Processed",
        "Completed",
        "Order processing is done. Notifications have been successfully generated.",
    ),
    (
        "Completed",
        "Completed",
        "Order processing is completed. All notifications have a final status.",
    ),
    (
        "SendConditionNotMet",
        "SendConditionNotMet",
        "Order processing was stopped due to send condition not being met.",
    ),
    (
        "Cancelled",
        "Cancelled",
        "Order processing was stopped due to order being cancelled.",
    ),
]


def test_no_status_of_an_order_is_forgotten_here() -> None:
    assert {status for status, _, _ in WORDS} == set(OrderStatus.values)


@pytest.mark.parametrize(
    ("status", "shown", "description"),
    WORDS,
)
def test_each_status_has_its_word_and_sentence(
    api: Api, ttd: Creator, status: str, shown: str, description: str
) -> None:
    made = building.order(ttd, status=status, status_at=AT)
    assert status_of(api, made)["processingStatus"] == {
        "status": shown,
        "description": description,
        "lastUpdate": "2024-01-10T08:01:00.123456Z",
    }


@pytest.mark.parametrize("reference", [None, "", " "])
def test_what_was_not_said_is_left_out_and_so_is_a_blank_reference(
    api: Api, ttd: Creator, reference: str | None
) -> None:
    shown = status_of(api, building.order(ttd, senders_reference=reference))
    assert list(shown) == [
        "id",
        "requestedSendTime",
        "creator",
        "created",
        "notificationChannel",
        "processingStatus",
    ]


@pytest.mark.parametrize(
    ("channel", "member"), [(NotificationChannel.EMAIL, "email"), (NotificationChannel.SMS, "sms")]
)
def test_a_channel_without_notifications_is_left_out(
    api: Api, ttd: Creator, channel: NotificationChannel, member: str
) -> None:
    made = building.order(ttd, Channel.SMS_PREFERRED)
    building.notification(made, channel=channel)
    assert list(status_of(api, made)["notificationsStatusSummary"]) == [member]


@pytest.mark.parametrize(
    ("channel", "statuses", "succeeded"),
    [
        (NotificationChannel.SMS, SMS_STATUSES, {S.ACCEPTED, S.DELIVERED}),
        (NotificationChannel.EMAIL, EMAIL_STATUSES, {S.SUCCEEDED, S.DELIVERED}),
    ],
)
def test_what_was_taken_or_delivered_has_succeeded(
    api: Api,
    ttd: Creator,
    channel: NotificationChannel,
    statuses: list[NotificationStatus],
    succeeded: set[NotificationStatus],
) -> None:
    for status in statuses:
        made = building.order(ttd, Channel.SMS_PREFERRED)
        building.notification(made, status, channel=channel)
        (tally,) = status_of(api, made)["notificationsStatusSummary"].values()
        assert (tally["generated"], tally["succeeded"]) == (1, int(status in succeeded)), status


@pytest.mark.parametrize(("channel", "member"), [("Sms", "sms"), ("Email", "email")])
def test_the_tally_agrees_with_the_list_it_links_to(
    api: Api, ttd: Creator, channel: str, member: str
) -> None:
    taken = S.ACCEPTED if channel == "Sms" else S.SUCCEEDED
    made = building.processed_order(
        ttd, S.NEW, S.SENDING, taken, S.DELIVERED, S.DELIVERED, S.FAILED, channel=Channel(channel)
    )
    first = made.notification_set.order_by("id").first()
    building.notification(made, taken, resend_of=first)
    tally = status_of(api, made)["notificationsStatusSummary"][member]
    base = "https://notifications.example/notifications/api/v1"
    listed = api.get(tally["links"]["self"].removeprefix(base)).json()
    assert (tally["generated"], tally["succeeded"]) == (7, 4)
    assert (listed["generated"], listed["succeeded"]) == (7, 4)


def test_notifications_of_other_orders_do_not_count(api: Api, ttd: Creator) -> None:
    building.processed_order(ttd, S.NEW)
    assert "notificationsStatusSummary" not in status_of(api, building.order(ttd))


def test_a_status_costs_two_queries(
    api: Api, ttd: Creator, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    made = building.processed_order(ttd, *[S.NEW] * 20)
    creators.speaking_for(creators.Caller("ttd"))
    with django_assert_num_queries(2):
        assert status_of(api, made)["notificationsStatusSummary"]["sms"]["generated"] == 20
