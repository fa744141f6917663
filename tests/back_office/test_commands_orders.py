"""The commands on orders: hold, release, stop, cancel, process and send now."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import CommandError
from django.utils import timezone

from back_office.models import StaffAction
from notifications.models import NotificationStatus
from orders.models import Creator, Order
from tests.back_office.action_commands import REASON, run, run_json, run_refused
from tests.back_office.chains import chain
from tests.building import mobiles, notification, order, processed_order

pytestmark = pytest.mark.django_db

S = NotificationStatus
HOUR = timedelta(hours=1)


@pytest.fixture
def half_sent(ttd: Creator) -> Order:
    made = processed_order(ttd, S.NEW, S.NEW, S.DELIVERED)
    Order.objects.filter(pk=made.pk).update(expanded_up_to=10**12)
    return made


def lines() -> list[tuple[str, str]]:
    found = StaffAction.objects.order_by("id")
    return list(found.values_list("what", "subject_id"))


def test_an_order_is_held_and_released(half_sent: Order) -> None:
    assert run("hold", half_sent.pk, *REASON) == "2 notifications held; 1 had already left."
    half_sent.refresh_from_db()
    assert half_sent.held_at is not None
    done = run_json("release", half_sent.pk, *REASON)
    assert done == {"dry_run": False, "orders": 1, "messages": 2, "left": 1, "in_hand": 0}
    half_sent.refresh_from_db()
    assert half_sent.held_at is None
    assert {what for what, _subject in lines()} == {"Held", "Released"}


def test_new_orders_of_a_service_owner_are_held_with_the_others(
    ttd: Creator, half_sent: Order
) -> None:
    told = run("hold", "--creator", "ttd", "--new-orders", *REASON)
    assert told == ("2 notifications held; 1 had already left. New orders are held from now on.")
    assert run_json("release", "--creator", "ttd", *REASON)["new_orders"] is True
    with pytest.raises(CommandError, match="needs --creator"):
        run("hold", half_sent.pk, "--new-orders", *REASON)


def test_everything_of_a_service_owner_is_stopped(
    ttd: Creator, skd: Creator, half_sent: Order
) -> None:
    order(ttd, recipients=mobiles(3))
    others = order(skd)
    foretold = run_json("stop", "--creator", "ttd", "--dry-run")
    assert (foretold["orders"], foretold["waiting"], foretold["not_expanded"]) == (2, 2, 3)
    assert not lines()
    assert (
        run("stop", "--creator", "ttd", *REASON) == "5 notifications stopped; 1 had already left."
    )
    assert set(lines()) == {("Stopped", str(ttd.pk))}
    others.refresh_from_db()
    assert others.stopped_at is None


@pytest.mark.parametrize("command", ["hold", "stop"])
def test_a_dry_run_holds_and_stops_nothing(half_sent: Order, command: str) -> None:
    said = run(command, half_sent.pk, "--dry-run")
    assert said.startswith("Dry run: Orders to be ")
    before = Order.objects.values().get()
    assert (before["held_at"], before["stopped_at"]) == (None, None)
    assert not lines()


def test_the_id_of_a_chain_stands_for_its_orders(ttd: Creator) -> None:
    main, reminder, ended = chain(ttd, "Registered", "Registered", "Completed")
    other = order(ttd)
    assert run_json("hold", main.chain_id, "--dry-run")["orders"] == 2
    run("cancel_order", reminder.pk, main.chain_id, *REASON)
    statuses = dict(Order.objects.values_list("pk", "status"))
    assert statuses == {
        main.pk: "Cancelled",
        reminder.pk: "Cancelled",
        ended.pk: "Completed",
        other.pk: "Registered",
    }


def test_what_has_ended_cannot_be_held(ttd: Creator) -> None:
    ended = order(ttd, status="Completed")
    assert "Nothing was changed" in run_refused("hold", ended.pk, *REASON)
    assert "There is nothing to release" in run_refused("release", ended.pk, "--dry-run")
    assert not lines()


@pytest.mark.parametrize("command", ["hold", "release", "stop", "process_orders"])
def test_either_orders_or_a_service_owner_is_named(ttd: Creator, command: str) -> None:
    for words in ((), (uuid4(), "--creator", "ttd")):
        with pytest.raises(CommandError, match="Give either order ids or --creator"):
            run(command, *words, *REASON)
    with pytest.raises(CommandError, match="There is no order"):
        run(command, uuid4(), *REASON)
    with pytest.raises(CommandError, match="There is no service owner nav"):
        run(command, "--creator", "nav", *REASON)


def test_an_order_is_cancelled(ttd: Creator) -> None:
    registered, begun = order(ttd), order(ttd, status="Processed")
    chosen = (registered.pk, begun.pk)
    foretold = run_json("cancel_order", *chosen, "--dry-run")
    assert foretold == {"dry_run": True, "cancelled": [str(registered.pk)], "others": 1}
    assert not lines()
    assert run("cancel_order", *chosen, *REASON) == "1 order cancelled. Left alone: 1."
    assert lines() == [("Cancelled", str(registered.pk))]
    assert "0 orders cancelled." in run_refused("cancel_order", *chosen, *REASON)


def test_orders_are_processed_now(ttd: Creator) -> None:
    later = timezone.now() + HOUR
    made = order(ttd, status="Processing", next_attempt_at=later)
    assert run_json("process_orders", made.pk, "--dry-run")["count"] == 1
    assert run("process_orders", "--creator", "ttd", *REASON) == "1 order is tried now."
    made.refresh_from_db()
    assert made.next_attempt_at < later
    assert lines() == [("Hurried", str(made.pk))]
    assert run_refused("process_orders", made.pk, *REASON)


def test_notifications_are_sent_now(ttd: Creator) -> None:
    later = timezone.now() + HOUR
    made = processed_order(ttd)
    rows = [notification(made, S.NEW, next_attempt_at=later) for _number in range(2)]
    assert run_json("send_now", "--order", made.pk, "--dry-run")["count"] == 2
    one = rows[0].pk
    assert run("send_now", "--notification", one, *REASON) == "1 notification is sent now."
    done = run_json("send_now", "--order", made.pk, "--ignore-window", *REASON)
    assert done == {"dry_run": False, "count": 2, "others": 0}
    for row in rows:
        row.refresh_from_db()
        assert (row.policy, row.next_attempt_at < later) == ("Anytime", True)
    assert lines() == [("Hurried", str(one)), ("Hurried", str(made.pk))]
    assert run_refused("send_now", "--order", made.pk, *REASON)
    with pytest.raises(CommandError, match="either --order or --notification"):
        run("send_now", *REASON)
