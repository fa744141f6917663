"""Orders are cancelled, and what waits for another try goes on at once."""

from datetime import timedelta

import pytest
import time_machine

from back_office.actions.orders import cancel, process_now, send_now
from back_office.models import StaffAction
from notifications.models import Notification, NotificationStatus
from orders.models import Creator, Order
from tests.back_office.actions.conftest import ANNE, WHY, LogIn, change_page_of, page_of
from tests.building import NOON, notification, order, processed_order

S = NotificationStatus
ORDER = "orders_order"
MESSAGE = "notifications_notification"
HOUR = timedelta(hours=1)


def lines() -> list[tuple[str, str, str]]:
    found = StaffAction.objects.order_by("id")
    return list(found.values_list("what", "subject_type", "subject_id"))


@pytest.fixture
def backing_off(ttd: Creator) -> Order:
    return order(ttd, status="Processing", attempts=3, next_attempt_at=NOON + HOUR)


@pytest.fixture
def waiting(ttd: Creator) -> Notification:
    return notification(processed_order(ttd), S.NEW, next_attempt_at=NOON + HOUR)


def test_each_cancelled_order_has_its_line(ttd: Creator) -> None:
    registered, begun = order(ttd), order(ttd, status="Processed")
    done = cancel.run([registered.pk, begun.pk], by=ANNE, why=WHY, now=NOON)
    assert done.figures == {"cancelled": [str(registered.pk)], "others": 1}
    assert lines() == [("Cancelled", "order", str(registered.pk))]


def test_support_cancels_an_order(log_in: LogIn, ttd: Creator) -> None:
    made = order(ttd)
    desk = log_in("support")
    page = page_of(ORDER, made.pk, "cancel")
    assert page in desk.read(change_page_of(ORDER, made.pk))
    assert "1 order will be cancelled, before any notification is created." in desk.read(page)
    after = desk.send(page, shown="{}")
    assert "1 order cancelled." in after
    assert page not in after
    assert "None of the orders can be cancelled" in desk.read(page)


@pytest.mark.parametrize("group", ["operator", "auditor"])
def test_others_may_not_cancel(log_in: LogIn, ttd: Creator, group: str) -> None:
    made = order(ttd)
    desk = log_in(group)
    page = page_of(ORDER, made.pk, "cancel")
    assert page not in desk.read(change_page_of(ORDER, made.pk))
    assert desk.status(page, reason="x", shown="{}") == 403
    made.refresh_from_db()
    assert made.status == "Registered"


@time_machine.travel(NOON, tick=False)
def test_operators_process_an_order_now(log_in: LogIn, backing_off: Order) -> None:
    desk = log_in("operator")
    page = page_of(ORDER, backing_off.pk, "process-now")
    assert "1 order waits for another try, and will be tried at once." in desk.read(page)
    assert "1 order is tried now." in desk.send(page, shown="{}")
    backing_off.refresh_from_db()
    assert backing_off.next_attempt_at == NOON
    assert lines() == [("Hurried", "order", str(backing_off.pk))]
    assert "None of the orders waits" in desk.read(page)


@time_machine.travel(NOON, tick=False)
def test_operators_send_a_notification_now(log_in: LogIn, waiting: Notification) -> None:
    desk = log_in("operator")
    page = page_of(MESSAGE, waiting.pk, "send-now")
    assert "1 notification waits, and will be sent at once." in desk.read(page)
    assert 'name="ignore_window"' not in desk.read(page)
    assert "1 notification is sent now." in desk.confirm(page, ignore_window="on")
    waiting.refresh_from_db()
    assert (waiting.next_attempt_at, waiting.policy) == (NOON, "Daytime")
    assert lines() == [("Hurried", "notification", str(waiting.pk))]


@time_machine.travel(NOON, tick=False)
def test_the_window_is_ignored_by_those_who_may(log_in: LogIn, waiting: Notification) -> None:
    desk = log_in("operator", "send_outside_window")
    page = page_of(MESSAGE, waiting.pk, "send-now")
    asked = desk.send(page, ignore_window="on", shown="{}")
    assert "telephones ring at once" in asked
    desk.confirm(page, ignore_window="on")
    waiting.refresh_from_db()
    assert waiting.policy == "Anytime"
    assert StaffAction.objects.get().detail["ignore_window"] is True


def test_all_that_waits_of_an_order_is_one_line(waiting: Notification) -> None:
    notification(waiting.order, S.NEW, next_attempt_at=NOON + HOUR)
    ids = send_now.waiting_of([waiting.order_id])
    done = send_now.run(ids, of_orders=[waiting.order_id], by=ANNE, why=WHY, now=NOON)
    assert done.figures == {"count": 2, "others": 0}
    assert lines() == [("Hurried", "order", str(waiting.order_id))]


def test_what_need_not_be_sent_now_is_in_no_line(ttd: Creator) -> None:
    row = notification(processed_order(ttd), S.NEW)
    done = send_now.run([row.pk], by=ANNE, why=WHY, now=NOON)
    assert done.figures == {"count": 0, "others": 1}
    assert not lines()


@pytest.mark.parametrize("group", ["support", "auditor"])
def test_others_may_not_send_or_process_now(
    log_in: LogIn, waiting: Notification, group: str
) -> None:
    desk = log_in(group)
    for page in (
        page_of(MESSAGE, waiting.pk, "send-now"),
        page_of(ORDER, waiting.order_id, "send-now"),
        page_of(ORDER, waiting.order_id, "process-now"),
    ):
        assert desk.status(page) == 403
        assert desk.status(page, reason="x", shown="{}") == 403
    assert not lines()


@time_machine.travel(NOON, tick=False)
def test_the_page_foretells_what_is_done(ttd: Creator, waiting: Notification) -> None:
    """The two questions are asked by different statements."""
    held = notification(waiting.order, S.NEW, next_attempt_at=NOON + HOUR, is_held=True)
    ready, anytime = notification(waiting.order), notification(waiting.order, policy="Anytime")
    ids = [waiting.pk, held.pk, ready.pk, anytime.pk]
    for ignore_window in (True, False):
        Notification.objects.filter(pk=waiting.pk).update(next_attempt_at=NOON + HOUR)
        found = send_now.preview(ids, ignore_window=ignore_window, now=NOON)
        done = send_now.run(ids, ignore_window=ignore_window, by=ANNE, why=WHY, now=NOON)
        assert found.figures == done.figures
    due = order(ttd, status="Processing", next_attempt_at=NOON + HOUR)
    future = order(ttd, requested_send_time=NOON + HOUR)
    orders = [due.pk, future.pk, order(ttd, held_at=NOON, next_attempt_at=NOON + HOUR).pk]
    foretold = process_now.preview(orders, now=NOON)
    done = process_now.run(orders, by=ANNE, why=WHY, now=NOON)
    assert foretold.figures == done.figures
    assert foretold.figures["count"] == 1
