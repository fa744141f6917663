"""Case 01: whatever times and days are in the database or asked for, the desk opens."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from notifications.expansion.claims import gives_up_at
from notifications.expiry import expires_at
from notifications.models import NotificationStatus
from notifications.send_window import daytime
from orders.models import Creator, Order
from runtime.local_time import LAST
from tests.building import notification, order

LISTS = ("orders_order", "notifications_notification", "dispatch_deliveryreport")


@pytest.fixture
def staff(client: Client, admin_user: User) -> Client:
    client.force_login(admin_user)
    return client


@pytest.fixture
def far(ttd: Creator) -> Order:
    """An order of the time before send times were bounded, `DateTime.MaxValue` of .NET."""
    return order(ttd, requested_send_time=LAST, senders_reference="far", next_attempt_at=LAST)


def pages_of(far: Order) -> Iterator[str]:
    yield reverse("admin:orders_order_change", args=[far.pk])
    message = notification(
        far, NotificationStatus.NEW, expires_at=LAST - timedelta(minutes=1), next_attempt_at=LAST
    )
    yield reverse("admin:notifications_notification_change", args=[message.pk])
    yield reverse("admin:orders_order_change", args=[far.pk])
    for name in LISTS:
        yield reverse(f"admin:{name}_changelist") + "?period=any"
    yield reverse("admin:index")


def test_pages_and_lists_with_the_last_moment_open(staff: Client, far: Order) -> None:
    for page in pages_of(far):
        assert staff.get(page).status_code == 200, page


@pytest.mark.parametrize("status", ["Cancelled", "Processing", "Processed", "Completed"])
def test_so_they_do_in_every_status(staff: Client, far: Order, status: str) -> None:
    Order.objects.filter(pk=far.pk).update(status=status, status_at=LAST, attempts=3, reason="X")
    for page in pages_of(far):
        assert staff.get(page).status_code == 200, page


def test_a_list_with_the_last_moment_is_exported(staff: Client, far: Order) -> None:
    page = reverse("admin:orders_order_export") + "?period=any"
    answer = staff.post(page, {"reason": "For the report.", "case_reference": "CS-1"})
    assert answer.status_code == 200
    assert b"9999-12-31" in answer.getvalue()


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("day", ["0001-01-01", "1969-12-31", "9999-12-31", "10000-01-01", "x"])
@pytest.mark.parametrize("side", ["from", "to"])
def test_any_day_may_be_asked_for(staff: Client, name: str, day: str, side: str) -> None:
    page = reverse(f"admin:{name}_changelist")
    assert staff.get(f"{page}?period_{side}={day}", follow=True).status_code == 200


def test_sums_end_with_the_last_moment(far: Order) -> None:
    assert expires_at(LAST) == LAST
    assert daytime().next_open(LAST).year == LAST.year
    assert gives_up_at(far) == LAST
