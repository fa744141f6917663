"""Orders are held, released and stopped; what had left is told, and all of it is audited."""

from typing import Any

import pytest

from back_office.actions.orders.hold import Hold
from back_office.actions.orders.release import Release
from back_office.actions.orders.stop import Stop
from back_office.audit.log import Why
from back_office.models import ActionOutcome, StaffAction
from notifications.control import stop
from notifications.control.hold import unended_orders_of
from notifications.models import Notification, NotificationStatus
from orders.models import Creator, Order
from tests.back_office.actions.conftest import (
    ANNE,
    WHY,
    LogIn,
    change_page_of,
    list_of,
    page_of,
    selection_of,
)
from tests.building import KARI, NOON, mobiles, notification, order, processed_order

S = NotificationStatus
ORDER = "orders_order"
CREATOR = "orders_creator"


@pytest.fixture
def half_sent(ttd: Creator) -> Order:
    """Three messages wait, two have left, one is being sent, one failed before it was sent."""
    made = processed_order(ttd, S.NEW, S.NEW, S.NEW, S.ACCEPTED, S.DELIVERED, S.SENDING, S.FAILED)
    Order.objects.filter(pk=made.pk).update(expanded_up_to=10**12)
    return made


def lines() -> list[StaffAction]:
    return list(StaffAction.objects.order_by("id"))


def test_a_hold_says_how_many_wait_and_how_many_had_left(half_sent: Order) -> None:
    done = Hold().run_on([half_sent.pk], by=ANNE, why=WHY, now=NOON)
    assert done.figures == {"orders": 1, "messages": 3, "left": 2, "in_hand": 1}
    half_sent.refresh_from_db()
    assert half_sent.held_at == NOON
    (line,) = lines()
    assert (line.what, line.subject_id) == ("Held", str(half_sent.pk))
    assert line.detail["before"]["waiting"] == 3
    assert line.ended.detail == {"orders": 1, "messages": 3, "left": 2, "in_hand": 1}


def test_a_stop_counts_what_it_ended_and_not_what_had_failed(half_sent: Order) -> None:
    done = Stop().run_on([half_sent.pk], by=ANNE, why=WHY, now=NOON)
    assert done.figures == {"orders": 1, "messages": 3, "left": 2, "in_hand": 1}
    assert Notification.objects.filter(reason__contains=WHY.reason).count() == 3


def test_a_release_lets_go_what_was_held(half_sent: Order) -> None:
    Hold().run_on([half_sent.pk], by=ANNE, why=WHY, now=NOON)
    done = Release().run_on([half_sent.pk], by=ANNE, why=WHY, now=NOON)
    assert (done.figures["orders"], done.figures["messages"]) == (1, 3)
    half_sent.refresh_from_db()
    assert half_sent.held_at is None


def test_a_hold_that_dies_at_once_is_in_the_audit_log(
    half_sent: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*args: Any, **kwargs: Any) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("notifications.control.hold.hold", die)
    with pytest.raises(KeyboardInterrupt):
        Hold().run_on([half_sent.pk], by=ANNE, why=WHY, now=NOON)
    (line,) = lines()
    assert (line.what, line.subject_id) == ("Held", str(half_sent.pk))
    assert not ActionOutcome.objects.exists()


def test_what_cannot_be_held_gets_no_line(ttd: Creator, half_sent: Order) -> None:
    ended, held = order(ttd, status="Completed"), order(ttd, held_at=NOON)
    chosen = [ended.pk, held.pk, half_sent.pk]
    assert Hold().preview_of(chosen, now=NOON).figures["others"] == 2
    Hold().run_on(chosen, by=ANNE, why=WHY, now=NOON)
    assert {line.subject_id for line in lines()} == {str(half_sent.pk)}
    assert not Hold().run_on([ended.pk], by=ANNE, why=WHY, now=NOON).success


def test_personal_data_in_the_reason_reaches_no_message(half_sent: Order) -> None:
    why = Why(f"Wrong person: {KARI}")
    Stop().run_on([half_sent.pk], by=ANNE, why=why, now=NOON)
    assert not Notification.objects.filter(reason__contains=KARI).exists()
    assert Notification.objects.filter(reason__contains="018385*****").count() == 3


def test_everything_of_a_service_owner_is_one_line(ttd: Creator, skd: Creator) -> None:
    mine = [order(ttd), processed_order(ttd, S.NEW)]
    others = order(skd)
    chosen = unended_orders_of(ttd)
    assert Hold().run_on(chosen, of=ttd, by=ANNE, why=WHY, now=NOON).figures["orders"] == len(mine)
    assert {(line.subject_type, line.subject_id) for line in lines()} == {("creator", str(ttd.pk))}
    others.refresh_from_db()
    assert others.held_at is None


# The pages


def test_operators_hold_and_release_an_order(log_in: LogIn, half_sent: Order) -> None:
    desk = log_in("operator")
    hold, release = (page_of(ORDER, half_sent.pk, action) for action in ("hold", "release"))
    page = desk.read(change_page_of(ORDER, half_sent.pk))
    assert hold in page
    assert release not in page
    before = desk.read(hold)
    assert "will wait until the orders are released: 3." in before
    assert "2025-08-27 12:00" in before  # when the first expires, by Norwegian clocks
    after = desk.send(hold, shown="{}")
    assert "3 notifications held; 2 had already left." in after
    assert "Being sent at this moment, to end as it does: 1." in after
    assert "Held by operator" in after
    assert "There is nothing to hold" in desk.read(hold)
    assert release in after
    assert "3 notifications go on; 2 had already left." in desk.send(release, shown="{}")


def test_a_stop_says_that_it_cannot_be_undone(log_in: LogIn, half_sent: Order) -> None:
    desk = log_in("operator")
    page = page_of(ORDER, half_sent.pk, "stop")
    assert "This cannot be undone." in desk.read(page)
    assert "3 notifications stopped; 2 had already left." in desk.send(page, shown="{}")
    assert stop.tally([half_sent.pk]).waiting == 0


def test_selected_orders_are_held(log_in: LogIn, ttd: Creator) -> None:
    made = [order(ttd, recipients=mobiles(2)) for _number in range(3)]
    desk = log_in("operator")
    listed = desk.client.post(
        list_of(ORDER) + "?period=any",
        {"action": "hold", "_selected_action": [one.pk for one in made[:2]], "index": "0"},
    )
    ids = listed.context["ids"]
    shown = listed.content.decode()
    assert "Orders to be held: 2." in shown
    assert "until the orders are released: 4." in shown
    desk.send(selection_of(ORDER, "hold"), ids=ids, shown="{}")
    assert Order.objects.filter(held_at__isnull=False).count() == 2


def test_everything_of_a_service_owner_is_stopped_from_its_page(
    log_in: LogIn, ttd: Creator, half_sent: Order
) -> None:
    order(ttd, recipients=mobiles(4))
    desk = log_in("operator")
    page = page_of(CREATOR, ttd.pk, "stop")
    assert page in desk.read(change_page_of(CREATOR, ttd.pk))
    assert (
        "Orders to be stopped: 2. Notifications that have not left, and never will: 7."
        in desk.read(page)
    )
    assert "7 notifications stopped; 2 had already left." in desk.send(page, shown="{}")
    assert lines()[0].subject_type == "creator"


def test_new_orders_are_held_with_a_tick_and_released_with_the_others(
    log_in: LogIn, ttd: Creator, half_sent: Order
) -> None:
    desk = log_in("operator")
    hold, release = (page_of(CREATOR, ttd.pk, action) for action in ("hold", "release"))
    assert 'name="new_orders"' in desk.read(hold)
    asked = desk.send(hold, new_orders="on")
    assert "New orders are held from now on." in asked
    assert "they are refused until the release (503)" in asked
    done = desk.send(hold, new_orders="on", shown='{"new_orders": "True"}')
    assert "3 notifications held; 2 had already left." in done
    order(ttd, recipients=mobiles(4))
    banner = desk.read(change_page_of(CREATOR, ttd.pk))
    assert "New orders are held. 2 orders are held." in banner
    assert "Of their notifications 7 wait; 3 had left." in banner
    assert "Held by operator since" in banner
    assert "new orders held since: - → " in banner
    assert 'name="new_orders"' not in desk.read(hold)
    assert "New orders are held no longer." in desk.read(release)
    assert "7 notifications go on" in desk.send(release, shown="{}")
    ttd.refresh_from_db()
    assert ttd.new_orders_held_at is None
    assert not Order.objects.filter(held_at__isnull=False).exists()
    assert [line.detail.get("new_orders") for line in lines()] == [True, True]


def test_the_new_orders_of_who_has_nothing_under_way_may_be_held(
    log_in: LogIn, ttd: Creator
) -> None:
    desk = log_in("operator")
    hold, release = (page_of(CREATOR, ttd.pk, action) for action in ("hold", "release"))
    assert "There is nothing to hold" in desk.read(hold)
    assert "New orders are held from now on." in desk.send(
        hold, new_orders="on", shown='{"new_orders": "True"}'
    )
    assert "New orders are held." in desk.read(change_page_of(CREATOR, ttd.pk))
    assert "New orders are held no longer." in desk.send(release, shown="{}")
    assert "New orders are held." not in desk.read(change_page_of(CREATOR, ttd.pk))


@pytest.mark.parametrize("group", ["support", "auditor"])
@pytest.mark.parametrize("action", ["hold", "release", "stop"])
def test_others_may_not(
    log_in: LogIn, ttd: Creator, half_sent: Order, group: str, action: str
) -> None:
    desk = log_in(group)
    assert f"/do/{action}/" not in desk.read(change_page_of(ORDER, half_sent.pk))
    for page in (page_of(ORDER, half_sent.pk, action), page_of(CREATOR, ttd.pk, action)):
        assert desk.status(page) == 403
        assert desk.status(page, reason="x", shown="{}") == 403
    assert not StaffAction.objects.exists()


def test_a_hold_reads_the_same_number_of_statements_for_any_number_of_orders(
    ttd: Creator, django_assert_num_queries: Any
) -> None:
    few = [order(ttd, recipients=mobiles(1)).pk for _number in range(2)]
    many = [order(ttd, recipients=mobiles(1)).pk for _number in range(20)]
    for chosen in (few, many):
        with django_assert_num_queries(3):
            Hold().preview_of(chosen, now=NOON)


def test_the_first_expiry_is_that_of_what_waits(ttd: Creator, half_sent: Order) -> None:
    notification(half_sent, S.ACCEPTED, expires_at=NOON)
    found = Hold().preview_of([half_sent.pk], now=NOON)
    assert str(found.figures["first_expiry"]) > NOON.isoformat()
