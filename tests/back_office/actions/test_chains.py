"""What may be done to one order may be done to what is left of its chain."""

import pytest

from back_office.models import StaffAction
from notifications.models import Notification, NotificationStatus
from orders.models import Creator, Order
from tests.back_office.actions.conftest import LogIn, change_page_of, page_of
from tests.back_office.chains import chain
from tests.building import notification, order

S = NotificationStatus
ORDER = "orders_order"
CHOICE = 'name="with_related"'


def statuses(orders: list[Order]) -> list[str]:
    found = Order.objects.in_bulk([one.pk for one in orders])
    return [found[one.pk].status for one in orders]


def held(orders: list[Order]) -> list[bool]:
    found = Order.objects.in_bulk([one.pk for one in orders])
    return [found[one.pk].held_at is not None for one in orders]


def test_a_reminder_is_cancelled_alone(log_in: LogIn, ttd: Creator) -> None:
    orders = chain(ttd, "Registered", "Registered", "Registered")
    desk = log_in("support")
    page = page_of(ORDER, orders[1].pk, "cancel")
    assert CHOICE in desk.read(page)
    assert "1 order cancelled." in desk.send(page, shown="{}")
    assert statuses(orders) == ["Registered", "Cancelled", "Registered"]


def test_or_with_what_is_left_of_the_chain_once_the_page_has_told_so(
    log_in: LogIn, ttd: Creator
) -> None:
    orders = chain(ttd, "Completed", "Registered", "Registered")
    desk = log_in("support")
    page = page_of(ORDER, orders[1].pk, "cancel")
    asked = desk.send(page, with_related="on", shown="{}")
    assert "2 orders will be cancelled" in asked
    assert statuses(orders) == ["Completed", "Registered", "Registered"]
    assert "2 orders cancelled." in desk.confirm(page, with_related="on")
    assert statuses(orders) == ["Completed", "Cancelled", "Cancelled"]
    (cancelled,) = StaffAction.objects.filter(what="Cancelled")
    named = cancelled.subjects.values_list("subject_id", flat=True)
    assert set(named) == {str(one.pk) for one in orders[1:]}


def test_where_nothing_can_be_done_to_the_order_itself_the_chain_is_meant(
    log_in: LogIn, ttd: Creator
) -> None:
    orders = chain(ttd, "Completed", "Registered", "Registered")
    desk = log_in("support")
    page = page_of(ORDER, orders[0].pk, "cancel")
    assert page in desk.read(change_page_of(ORDER, orders[0].pk))
    assert CHOICE not in desk.read(page)
    assert "2 orders cancelled." in desk.send(page, shown="{}")
    assert statuses(orders) == ["Completed", "Cancelled", "Cancelled"]
    assert page not in desk.read(change_page_of(ORDER, orders[0].pk))


@pytest.mark.parametrize("action", ["hold", "stop"])
def test_a_chain_is_held_and_stopped(log_in: LogIn, ttd: Creator, action: str) -> None:
    orders = chain(ttd, "Registered", "Registered")
    desk = log_in("operator")
    desk.confirm(page_of(ORDER, orders[0].pk, action), with_related="on")
    if action == "hold":
        assert held(orders) == [True, True]
        desk.confirm(page_of(ORDER, orders[1].pk, "release"), with_related="on")
        assert held(orders) == [False, False]
    else:
        assert statuses(orders) == ["Cancelled", "Cancelled"]


def test_what_failed_of_a_chain_is_sent_again(log_in: LogIn, ttd: Creator) -> None:
    orders = chain(ttd, "Completed", "Completed")
    for one in orders:
        notification(one, S.FAILED_UNDELIVERED)
    desk = log_in("support")
    desk.confirm(page_of(ORDER, orders[0].pk, "resend-failed"), with_related="on")
    resent = Notification.objects.filter(resend_of__isnull=False)
    assert {one.order_id for one in resent} == {one.pk for one in orders}


def test_an_order_that_stands_alone_is_asked_nothing_more(log_in: LogIn, ttd: Creator) -> None:
    alone, only = order(ttd), chain(ttd, "Registered")[0]
    chain(ttd, "Registered", "Registered")
    desk = log_in("support")
    for one in (alone, only):
        page = page_of(ORDER, one.pk, "cancel")
        assert CHOICE not in desk.read(page)
        assert "1 order cancelled." in desk.send(page, shown="{}")
    assert Order.objects.filter(status="Cancelled").count() == 2
