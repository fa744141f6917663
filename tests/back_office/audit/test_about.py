"""Every order that an action affected tells of it, and one row keeps it however many there were."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from back_office.actions.orders.hold import Hold
from back_office.actions.orders.release import Release
from back_office.actions.resend import resend
from back_office.audit import about
from back_office.audit.log import Actor, Subjects, Why
from back_office.models import ActionSubject, StaffAction
from back_office.pages.orders import page
from notifications.control.hold import unended_orders_of
from notifications.models import NotificationStatus
from notifications.resend.eligibility import Terms
from orders.models import Creator, Order
from tests.building import NOON, notification, order, processed_order

S = NotificationStatus
ANNE = Actor("anne")
WHY = Why("Wrong text", "SAK-1")
MINUTE = timedelta(minutes=1)


def known(made: Order) -> Order:
    return Order.objects.select_related("creator").get(pk=made.pk)


def done_to(made: Order) -> list[str]:
    return [one.what for one in about.order(known(made))]


@pytest.fixture
def held(ttd: Creator) -> Order:
    """One of two orders of a service owner whose orders were all held."""
    made, _other = processed_order(ttd, S.NEW), processed_order(ttd, S.NEW)
    Hold().run_on(unended_orders_of(ttd), of=ttd, by=ANNE, why=WHY, now=NOON + MINUTE)
    return made


def test_a_hold_of_everything_is_told_by_each_order_that_was_under_way(
    ttd: Creator, skd: Creator, held: Order
) -> None:
    ended = order(ttd, status="Completed", status_at=NOON)
    later = order(ttd, created=NOON + 2 * MINUTE)
    foreign = processed_order(skd, S.NEW)
    assert [done_to(one) for one in (held, ended, later, foreign)] == [["Held"], [], [], []]
    assert (StaffAction.objects.count(), ActionSubject.objects.count()) == (1, 0)


def test_while_it_lasts_the_order_says_who_held_it_and_why(held: Order) -> None:
    told = page.read(known(held), unmasked=False, now=NOON + 2 * MINUTE)
    assert told.explanation
    assert "Held by anne since" in told.explanation.why
    assert "Wrong text (SAK-1)" in told.explanation.why
    (moment,) = [one for one in told.moments if "anne" in one.what]
    assert moment.what == "Held by anne, with all of the service owner's"
    assert moment.detail == "Wrong text (SAK-1) [orders: 2, notifications: 2]"


def test_a_release_of_everything_is_told_by_what_was_held(ttd: Creator, held: Order) -> None:
    now = NOON + 3 * MINUTE
    free = processed_order(ttd, S.NEW)
    Order.objects.filter(pk=free.pk).update(created=NOON + 2 * MINUTE)
    Release().run_on(unended_orders_of(ttd), of=ttd, by=ANNE, why=WHY, now=now)
    assert done_to(held) == ["Held", "Released"]
    assert done_to(free) == []
    told = page.read(known(held), unmasked=False, now=now)
    assert told.explanation is None or "Held" not in told.explanation.why


def test_what_was_placed_while_new_orders_were_held_tells_who_held_it_and_who_released_it(
    ttd: Creator,
) -> None:
    before = order(ttd, created=NOON)
    Hold().run_on([], of=ttd, new_orders=True, by=ANNE, why=WHY, now=NOON + MINUTE)
    placed = order(ttd, created=NOON + 2 * MINUTE)
    told = page.read(known(placed), unmasked=False, now=NOON + 2 * MINUTE)
    assert told.explanation
    assert "Held by anne since" in told.explanation.why
    Release().run_on(unended_orders_of(ttd), of=ttd, by=ANNE, why=WHY, now=NOON + 3 * MINUTE)
    after = order(ttd, created=NOON + 4 * MINUTE)
    for one in (before, placed):
        assert done_to(one) == ["Held", "Released"]
    assert done_to(after) == []


def test_what_was_resent_of_a_service_owner_is_told_by_the_orders_it_was_of(ttd: Creator) -> None:
    mine = processed_order(ttd, status="Completed", status_at=NOON)
    other = processed_order(ttd, status="Completed", status_at=NOON)
    failed = notification(mine, S.FAILED)
    subjects, now = Subjects.creator(ttd.pk), NOON + MINUTE
    resend.run([failed.pk], terms=Terms(), of=subjects, by=ANNE, why=WHY, now=now)
    assert (done_to(mine), done_to(other)) == (["Resent"], [])


def test_an_order_tells_of_actions_on_notifications_that_its_page_does_not_show(
    ttd: Creator,
) -> None:
    made = processed_order(ttd, S.FAILED, S.FAILED)
    chosen = list(made.notification_set.values_list("pk", flat=True))
    for some in (chosen[:1], chosen[1:]):
        resend.run(some, terms=Terms(), by=ANNE, why=WHY, now=NOON + MINUTE)
    assert done_to(made) == ["Resent", "Resent"]


def test_the_history_button_leads_to_what_was_done(admin_client: Client, held: Order) -> None:
    history = reverse("admin:orders_order_history", args=[held.pk])
    there = reverse("admin:orders_order_change", args=[held.pk])
    assert admin_client.get(history)["Location"] == f"{there}#history"
    assert 'id="history"' in admin_client.get(there).content.decode()


def test_the_log_shows_the_outcome_and_is_searched_by_beginnings(
    admin_client: Client, held: Order
) -> None:
    address = reverse("admin:back_office_staffaction_changelist")
    for wanted, found in (("sak", True), ("ANN", True), ("wrong T", True), ("AK-1", False)):
        listed = admin_client.post(address, {"q": wanted}).content.decode()
        assert ("orders: 2, notifications: 2" in listed) is found, wanted


def test_the_page_of_the_service_owner_says_what_is_held_while_it_is(
    admin_client: Client, ttd: Creator, held: Order
) -> None:
    address = reverse("admin:orders_creator_change", args=[ttd.pk])
    shown = admin_client.get(address).content.decode()
    assert "2 orders are held." in shown
    assert "Held by anne since" in shown
    now = NOON + 3 * MINUTE
    Release().run_on(unended_orders_of(ttd), of=ttd, by=ANNE, why=WHY, now=now)
    assert "orders are held." not in admin_client.get(address).content.decode()
