"""A chain is looked up at once, stored by one statement, and placed once under its id, for ever."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from dispatch.upkeep import purge
from notifications.expansion.claims import claim_for_expansion
from orders.cancelling import CannotCancel, cancel
from orders.models import Channel, Creator, Order, OrderChain, OrderStatus, OrderType
from orders.placing.chains import MissingContact, recall, register_chain
from orders.requests import (
    Addressee,
    ChainReceipt,
    OrderChainRequest,
    OrderRequest,
    Shipment,
)
from recipients.models import Recipient
from recipients.registers import RegisterUnavailable
from script.launcher.system.simulators import Simulators
from tests import building
from tests.building import FJELLHEIM, KARI, NOON, OLA, SUNNIVA, ids, mobiles, organization, person
from tests.notifications.conftest import Worker

EILERT_STALE = "20848410110"
TORDIS_WITHOUT_CONTACT = "30865510027"
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)

pytestmark = pytest.mark.django_db


def request(*recipients: Addressee, **fields: Any) -> OrderChainRequest:
    """A main order to the first of the recipients, and a reminder to each of the others, a day
    apart."""
    orders = [
        building.request(
            Channel.SMS,
            [recipient],
            type=OrderType.REMINDER if days else OrderType.NOTIFICATION,
            requested_send_time=NOON + days * DAY,
            senders_reference=f"ref-{days}",
        )
        for days, recipient in enumerate(recipients or [*mobiles(2)])
    ]
    return OrderChainRequest(**{"idempotency_id": "id-1", "orders": orders} | fields)


def place(creator: Creator, *recipients: Addressee, **fields: Any) -> ChainReceipt:
    return register_chain(creator=creator, request=request(*recipients, **fields), now=NOON)


def as_repeated(receipt: ChainReceipt) -> ChainReceipt:
    return ChainReceipt(receipt.chain_id, receipt.shipments, is_new=False)


def recalled(creator: Creator) -> ChainReceipt | None:
    return recall(creator=creator, kind=OrderChain.Kind.CHAIN, idempotency_id="id-1")


def test_a_chain_is_stored_with_its_orders_in_their_places(ttd: Creator) -> None:
    receipt = place(ttd, *mobiles(3), dialog_id="dialog", transmission_id="transmission")
    chain = OrderChain.objects.get()
    assert chain.pk == receipt.chain_id
    assert (chain.creator, chain.kind, chain.created) == (ttd, OrderChain.Kind.CHAIN, NOON)
    assert (chain.idempotency_id, chain.dialog_id) == ("id-1", "dialog")
    assert chain.transmission_id == "transmission"
    orders = list(chain.orders.order_by("chain_position"))
    assert [Shipment(one.pk, one.senders_reference) for one in orders] == receipt.shipments
    assert [one.chain_position for one in orders] == [0, 1, 2]
    assert [one.type for one in orders] == ["Notification", "Reminder", "Reminder"]
    assert {one.created for one in orders} == {NOON}


def test_the_whole_chain_is_stored_by_one_statement_and_recalled_by_one(
    ttd: Creator, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        first = place(ttd, *mobiles(10))
    with django_assert_num_queries(1):
        assert recalled(ttd) == as_repeated(first)
    with django_assert_num_queries(2):
        assert place(ttd) == as_repeated(first)
    assert (Order.objects.count(), Recipient.objects.count()) == (10, 10)


def test_all_recipients_are_looked_up_together_and_each_once(
    ttd: Creator, simulators: Simulators
) -> None:
    place(ttd, person(KARI), person(KARI), person(OLA), organization(FJELLHEIM), SUNNIVA)
    asked = [call["size"] for call in simulators.calls("profile")]
    assert sorted(asked) == [1, 1, 2]  # an organisation, another log-in, and two persons
    assert set(Recipient.objects.values_list("placement_look_up", flat=True)) == {"Found"}


def test_only_the_tax_administration_reaches_people_at_stale_addresses_unasked(
    ttd: Creator, db: None, simulators: Simulators
) -> None:
    skd = Creator.objects.create(short_name="SKD")
    with pytest.raises(MissingContact):
        place(ttd, person(EILERT_STALE))
    place(skd, *mobiles(1), person(EILERT_STALE))
    stale = Order.objects.order_by("chain_position").values_list(
        "use_stale_contact_information", flat=True
    )
    assert list(stale) == [False, True]


def test_a_register_is_asked_twice_at_most_for_persons(
    ttd: Creator, simulators: Simulators
) -> None:
    asked = [
        building.request(Channel.SMS, [person(number)], use_stale_contact_information=stale)
        for number in (KARI, OLA)
        for stale in (True, False)
    ]
    place(ttd, orders=asked)
    assert [call["size"] for call in simulators.calls("profile")] == [2, 2]


@pytest.mark.parametrize("unreachable", [0, 1, 2])
def test_nothing_is_stored_where_one_cannot_be_reached(
    ttd: Creator, simulators: Simulators, unreachable: int
) -> None:
    recipients = [person(KARI), *mobiles(2)]
    recipients[unreachable] = person(TORDIS_WITHOUT_CONTACT)
    with pytest.raises(MissingContact):
        place(ttd, *recipients)
    assert not OrderChain.objects.exists()
    assert not Order.objects.exists()
    assert place(ttd, person(KARI)).is_new


def test_while_a_register_is_down_the_id_stays_free(ttd: Creator, simulators: Simulators) -> None:
    simulators.fault("profile", "error500")
    with pytest.raises(RegisterUnavailable):
        place(ttd, *mobiles(1), person(KARI))
    assert not OrderChain.objects.exists()
    simulators.reset()
    assert place(ttd, *mobiles(1), person(KARI)).is_new


def test_an_id_is_the_creators_own_and_of_one_kind(ttd: Creator, skd: Creator) -> None:
    first = place(ttd)
    assert place(skd).is_new
    OrderChain.objects.create(
        creator=ttd, kind=OrderChain.Kind.INSTANT, idempotency_id="id-2", created=NOON
    )
    assert place(ttd, idempotency_id="id-2").is_new
    assert recalled(ttd) == as_repeated(first)


@pytest.mark.django_db(transaction=True)
def test_the_second_waits_for_the_first_and_answers_the_same(ttd: Creator) -> None:
    with transaction.atomic():
        first = place(ttd)
        second = Worker(lambda: place(ttd, *mobiles(5)))
        second.wait_until_blocked_or_done()
        assert second.is_alive()
    assert second.result() == as_repeated(first)
    assert Order.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_if_the_first_fails_the_second_places_the_chain(ttd: Creator) -> None:
    with transaction.atomic():
        place(ttd)
        second = Worker(lambda: place(ttd))
        second.wait_until_blocked_or_done()
        transaction.set_rollback(True)
    placed = second.result()
    assert placed.is_new
    assert {one.pk for one in Order.objects.all()} == {one.id for one in placed.shipments}


@pytest.mark.django_db(transaction=True)
def test_ten_at_once_make_one_chain(ttd: Creator, simulators: Simulators) -> None:
    start = Barrier(10)

    def at_once() -> Callable[[], ChainReceipt]:
        def job() -> ChainReceipt:
            start.wait(10)
            return place(ttd, person(KARI), person(OLA))

        return job

    receipts = [worker.result() for worker in [Worker(at_once()) for _ in range(10)]]
    assert sorted(one.is_new for one in receipts) == [False] * 9 + [True]
    assert {str(as_repeated(one)) for one in receipts} == {str(recalled(ttd))}
    assert (OrderChain.objects.count(), Order.objects.count()) == (1, 2)


def purge_everything() -> purge.Purged:
    steps = purge.steps(before=NOON + 400 * DAY, now=NOON + 400 * DAY)
    return sum(steps, purge.Purged())


def test_a_purged_chain_is_answered_as_before(ttd: Creator) -> None:
    first = place(ttd)
    Order.objects.update(status=OrderStatus.COMPLETED)
    assert purge_everything().orders == 2
    assert recalled(ttd) == as_repeated(first)
    assert place(ttd, *mobiles(7)) == as_repeated(first)
    assert Order.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_repeat_beside_a_purge_is_answered_as_before(ttd: Creator) -> None:
    first = place(ttd)
    Order.objects.update(status=OrderStatus.COMPLETED)
    with transaction.atomic():
        assert purge_everything().orders == 2
        during = Worker(lambda: place(ttd))
        assert during.result() == as_repeated(first)
    assert place(ttd) == as_repeated(first)
    assert Order.objects.count() == 2


class TestACancelledMainOrder:
    """Beside its claim, while its reminder is due."""

    @pytest.fixture
    def chain(self, ttd: Creator) -> ChainReceipt:
        """The main order in six minutes, and a reminder a minute before."""
        times = (NOON + 6 * MINUTE, NOON + 5 * MINUTE)
        orders: list[OrderRequest] = [
            building.request(Channel.SMS, mobiles(1), requested_send_time=time) for time in times
        ]
        return place(ttd, orders=orders)

    def claimed(self) -> list[Any]:
        return ids(claim_for_expansion(now=NOON + 6 * MINUTE, limit=10).orders)

    @pytest.mark.django_db(transaction=True)
    def test_is_not_claimed_and_its_reminder_is(self, ttd: Creator, chain: ChainReceipt) -> None:
        main, reminder = (one.id for one in chain.shipments)
        with transaction.atomic():
            cancel(creator=ttd, order_id=main, now=NOON)
            assert Worker(self.claimed).result() == [reminder]
        assert self.claimed() == []
        assert Order.objects.get(pk=main).status == OrderStatus.CANCELLED
        assert Order.objects.get(pk=reminder).status == OrderStatus.PROCESSING

    @pytest.mark.django_db(transaction=True)
    def test_is_not_cancelled_where_the_claim_came_first(
        self, ttd: Creator, chain: ChainReceipt
    ) -> None:
        main, reminder = (one.id for one in chain.shipments)
        with transaction.atomic():
            assert set(self.claimed()) == {main, reminder}
            late = Worker(lambda: cancel(creator=ttd, order_id=main, now=NOON))
            late.wait_until_blocked_or_done()
            assert late.is_alive()
        with pytest.raises(CannotCancel):
            late.result()
        assert set(Order.objects.values_list("status", flat=True)) == {OrderStatus.PROCESSING}
