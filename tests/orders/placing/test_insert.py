"""Many orders and their recipients are stored by one statement."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from psycopg import _queries
from pytest_django import DjangoAssertNumQueries

from orders.models import Channel, Creator, Order, OrderChain, OrderType, SendingTimePolicy
from orders.placing.idempotency import chain_reservation
from orders.placing.insert import NewOrder, Reservation, store
from orders.requests import Addressee, EmailText, SmsText
from recipients.models import Recipient
from runtime.uuid7 import uuid7
from tests.building import KARI, NOON, direct, mobiles, person, request

pytestmark = pytest.mark.django_db

CHAIN_ID = uuid7()
FREE = Reservation("SELECT 1", {})
TAKEN = Reservation("SELECT 1 WHERE %(is_free)s", {"is_free": False})


def new(
    recipients: Sequence[Addressee], channel: Channel = Channel.SMS, **fields: object
) -> NewOrder:
    return NewOrder(
        uuid7(),
        request(channel, recipients, **fields),
        [Recipient.LookUp.FOUND] * len(recipients),
    )


def test_each_order_has_its_own_columns_and_recipients(
    ttd: Creator, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    main = new([*mobiles(2), mobiles(1)[0]], senders_reference="main")
    reminder = new(
        [direct(email="kari@n.no")],
        Channel.EMAIL,
        type=OrderType.REMINDER,
        requested_send_time=NOON + timedelta(days=7),
        email=EmailText("Emne", "Brev", policy=SendingTimePolicy.DAYTIME),
        use_stale_contact_information=True,
    )
    last = new([person(KARI)], sms=SmsText("Hei", policy=SendingTimePolicy.ANYTIME))
    with django_assert_num_queries(1):
        assert store([main, reminder, last], creator=ttd, chain_id=CHAIN_ID, now=NOON)
    orders = list(Order.objects.filter(chain_id=CHAIN_ID).order_by("chain_position"))
    assert [order.pk for order in orders] == [main.id, reminder.id, last.id]
    assert [order.type for order in orders] == ["Notification", "Reminder", "Notification"]
    assert [order.next_attempt_at for order in orders] == [NOON, NOON + timedelta(days=7), NOON]
    assert [order.sending_time_policy for order in orders] == ["Daytime", "Daytime", "Anytime"]
    assert [o.email_sending_time_policy for o in orders] == ["Anytime", "Daytime", "Anytime"]
    assert [order.use_stale_contact_information for order in orders] == [False, True, False]
    assert [order.recipients.count() for order in orders] == [3, 1, 1]
    stored = Recipient.objects.of_order(main.id).values_list("mobile_number", "is_repeat")
    assert list(stored) == [
        ("+4790000000", False),
        ("+4790000001", False),
        ("+4790000000", True),
    ]


def test_the_same_recipient_in_another_order_is_no_repeat(ttd: Creator) -> None:
    orders = [new(mobiles(1)), new(mobiles(1))]
    store(orders, creator=ttd, now=NOON)
    assert not Recipient.objects.filter(is_repeat=True).exists()


def test_an_external_identity_is_stored_as_it_was_given(ttd: Creator) -> None:
    urn = "urn:altinn:person:idporten-email:kari%2Bwork@n.no"
    store([new([Addressee(external_identity=urn)])], creator=ttd, now=NOON)
    assert Recipient.objects.get().external_identity == urn


def test_nothing_is_stored_where_the_reservation_is_taken(ttd: Creator) -> None:
    orders = [new(mobiles(1)), new(mobiles(1))]
    assert not store(orders, creator=ttd, now=NOON, reservation=TAKEN)
    assert not Order.objects.exists()
    assert not Recipient.objects.exists()
    assert store(orders, creator=ttd, now=NOON, reservation=FREE)
    assert Order.objects.count() == 2


def test_an_order_of_a_chain_has_a_place_in_it(ttd: Creator) -> None:
    store([new(mobiles(1))], creator=ttd, now=NOON)
    assert Order.objects.filter(chain__isnull=True, chain_position__isnull=True).count() == 1
    with pytest.raises(IntegrityError, match="order_of_chain_has_its_place"), transaction.atomic():
        Order.objects.update(chain_id=CHAIN_ID)


def test_one_statement_serves_all_larger_numbers(ttd: Creator) -> None:
    # PostgreSQL keeps what it has prepared: a statement for each number would fill its memory.
    told: set[str] = set()

    def remember(execute: Any, statement: str, *rest: Any) -> Any:
        told.add(statement)
        return execute(statement, *rest)

    counts = (3, 4, 101)
    with connection.execute_wrapper(remember):
        for count in counts:
            chain = [new([one]) for one in mobiles(count)]
            assert store(chain, creator=ttd, now=NOON, chain_id=uuid7())
    assert len(told) == 1
    assert Order.objects.count() == Recipient.objects.count() == sum(counts)
    places = Order.objects.order_by("-chain_id", "chain_position").values_list("chain_position")
    assert [place for (place,) in places[:101]] == list(range(101))


@pytest.mark.parametrize("orders", [1, 2])
def test_the_usual_statements_are_remembered_by_psycopg(ttd: Creator, orders: int) -> None:
    reservation = chain_reservation(
        CHAIN_ID, kind=OrderChain.Kind.CHAIN, idempotency_id=f"{orders} orders"
    )
    chain = [new(mobiles(1)) for _ in range(orders)]
    _queries._query2pg.cache_clear()
    store(chain, creator=ttd, now=NOON, chain_id=CHAIN_ID, reservation=reservation)
    assert _queries._query2pg.cache_info().currsize == 1


def test_an_idempotency_id_may_be_used_once_for_each_kind(ttd: Creator, skd: Creator) -> None:
    def chain(creator: Creator, kind: OrderChain.Kind) -> OrderChain:
        return OrderChain.objects.create(
            creator=creator, kind=kind, idempotency_id="id-1", created=NOON
        )

    chain(ttd, OrderChain.Kind.CHAIN)
    chain(ttd, OrderChain.Kind.INSTANT)
    chain(skd, OrderChain.Kind.CHAIN)
    with pytest.raises(IntegrityError, match="chain_of_idempotency_id"), transaction.atomic():
        chain(ttd, OrderChain.Kind.CHAIN)


def test_somebody_with_an_external_identity_has_nothing_else(ttd: Creator) -> None:
    both = Addressee(
        external_identity="urn:altinn:party:username:kari", mobile_number="+4790000000"
    )
    with pytest.raises(IntegrityError, match="has_nothing_else"), transaction.atomic():
        store([new([both])], creator=ttd, now=NOON)
