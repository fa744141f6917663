"""Under one key a request is carried out once, and answered the same each time."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries

from dispatch.upkeep.sweep import sweep
from orders.models import Channel, Creator, IdempotencyKey, Order
from orders.placing import idempotency
from orders.placing.idempotency import (
    KeyUsedForAnotherRequest,
    NotAnIdempotencyKey,
    forget_old,
    idempotent_request,
    recall,
)
from orders.placing.register import register
from orders.requests import Addressee, IdempotentRequest, Receipt
from recipients.models import Recipient
from recipients.registers import RegisterUnavailable
from script.launcher.system.simulators import Simulators
from tests.building import KARI, NOON, OLA, RAKEL_RESERVED, mobiles, person, request
from tests.notifications.conftest import Worker

SAME = IdempotentRequest("key-1", "f" * 64)
OTHER = IdempotentRequest("key-1", "0" * 64)
DAY = timedelta(hours=24)
INSTANT = timedelta(microseconds=1)

pytestmark = pytest.mark.django_db


def place(creator: Creator, *recipients: Addressee, once: IdempotentRequest = SAME) -> Receipt:
    order = request(Channel.SMS, recipients or mobiles(2))
    return register(creator=creator, request=order, idempotent=once, now=NOON)


def fingerprint(document: object, path: str = "/orders") -> str:
    return idempotent_request("key-1", path=path, document=document).fingerprint


@pytest.mark.parametrize("key", ["a", "7", "!~", "a b", "0b2a-{}", "x" * 255])
def test_a_key_is_printable_ascii(key: str) -> None:
    assert idempotent_request(key, path="/orders", document={}).key == key


@pytest.mark.parametrize(
    "key", ["", " ", " a", "a ", "x" * 256, "å", "a\tb", "a\n", "a\x7f", "a\x00", "\u00a0"]
)
def test_anything_else_is_no_key(key: str) -> None:
    with pytest.raises(NotAnIdempotencyKey):
        idempotent_request(key, path="/orders", document={})


def test_the_order_of_members_does_not_make_another_request() -> None:
    one = {"body": "Hei", "recipients": [{"a": 1, "b": 2}]}
    same = {"recipients": [{"b": 2, "a": 1}], "body": "Hei"}
    assert fingerprint(one) == fingerprint(same)


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"body": "Hei!", "recipients": [1, 2]}, "/orders"),
        ({"body": "Hei", "recipients": [2, 1]}, "/orders"),
        ({"body": "Hei", "recipients": [1]}, "/orders"),
        ({"body": "Hei", "recipients": [1, 2], "more": None}, "/orders"),
        ({"body": "Hei", "recipients": [1, 2]}, "/orders/sms"),
    ],
)
def test_another_text_recipient_or_path_does(document: object, path: str) -> None:
    assert fingerprint(document, path) != fingerprint({"body": "Hei", "recipients": [1, 2]})


def test_the_same_request_again_is_answered_as_the_first_time(
    ttd: Creator, simulators: Simulators
) -> None:
    first = place(ttd, person(KARI), person(RAKEL_RESERVED))
    assert first.recipient_lookup is not None
    assert first.recipient_lookup.is_reserved == [RAKEL_RESERVED]
    assert recall(creator=ttd, request=SAME, now=NOON) == first
    assert place(ttd, person(KARI), person(RAKEL_RESERVED)) == first
    assert Order.objects.count() == 1
    assert Recipient.objects.count() == 2


def test_an_answer_without_a_look_up_is_remembered_without_one(ttd: Creator) -> None:
    first = place(ttd)
    assert first.recipient_lookup is None
    assert recall(creator=ttd, request=SAME, now=NOON) == first


def test_another_request_under_the_key_is_refused(ttd: Creator) -> None:
    first = place(ttd)
    with pytest.raises(KeyUsedForAnotherRequest):
        recall(creator=ttd, request=OTHER, now=NOON)
    with pytest.raises(KeyUsedForAnotherRequest):
        place(ttd, once=OTHER)
    assert recall(creator=ttd, request=SAME, now=NOON) == first
    assert Order.objects.count() == 1


def test_another_key_or_another_creator_makes_another_order(ttd: Creator, skd: Creator) -> None:
    placed = {
        place(ttd).order_id,
        place(ttd, once=IdempotentRequest("Key-1", SAME.fingerprint)).order_id,
        place(skd).order_id,
    }
    assert {order.pk for order in Order.objects.all()} == placed
    assert len(placed) == 3
    assert Order.objects.of_creator(skd).count() == 1


def test_nothing_is_remembered_of_an_unknown_key(ttd: Creator) -> None:
    assert recall(creator=ttd, request=SAME, now=NOON) is None


@pytest.mark.parametrize(("later", "orders"), [(DAY - INSTANT, 1), (DAY, 2)])
def test_a_key_is_free_again_after_a_day(ttd: Creator, later: timedelta, orders: int) -> None:
    place(ttd)
    again = register(
        creator=ttd, request=request(Channel.SMS, mobiles(1)), idempotent=SAME, now=NOON + later
    )
    assert Order.objects.count() == orders
    # The new order has taken the key over, for a day of its own.
    assert recall(creator=ttd, request=SAME, now=NOON + later) == again
    assert IdempotencyKey.objects.count() == 1
    assert (recall(creator=ttd, request=SAME, now=NOON + DAY + DAY / 2) is None) == (orders == 1)


def test_another_request_may_take_over_a_key_after_a_day(ttd: Creator) -> None:
    place(ttd)
    order = request(Channel.SMS, mobiles(1))
    taken = register(creator=ttd, request=order, idempotent=OTHER, now=NOON + DAY)
    assert recall(creator=ttd, request=OTHER, now=NOON + DAY) == taken


def test_while_a_register_is_down_the_key_stays_free(ttd: Creator, simulators: Simulators) -> None:
    simulators.fault("profile", "error500")
    with pytest.raises(RegisterUnavailable):
        place(ttd, person(KARI))
    assert not IdempotencyKey.objects.exists()
    simulators.reset()
    assert recall(creator=ttd, request=SAME, now=NOON) is None
    assert place(ttd, person(KARI)).recipient_lookup is not None
    assert Order.objects.count() == 1


def test_an_order_that_cannot_be_stored_leaves_the_key_free(ttd: Creator) -> None:
    broken = request(Channel.SMS, mobiles(1), sms=None)
    with pytest.raises(Exception, match="order_has_the_texts"), transaction.atomic():
        register(creator=ttd, request=broken, idempotent=SAME, now=NOON)
    assert not IdempotencyKey.objects.exists()
    assert not Order.objects.exists()


def test_order_recipients_and_key_are_stored_by_one_statement(
    ttd: Creator, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        place(ttd)
    with django_assert_num_queries(1):
        recall(creator=ttd, request=SAME, now=NOON)
    with django_assert_num_queries(2):
        place(ttd)


def test_a_taken_key_stores_nothing(ttd: Creator) -> None:
    place(ttd)
    with pytest.raises(KeyUsedForAnotherRequest):
        register(creator=ttd, request=request(Channel.SMS, mobiles(1)), now=NOON, idempotent=OTHER)
    assert Recipient.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_second_waits_for_the_first_and_answers_the_same(ttd: Creator) -> None:
    with transaction.atomic():
        first = place(ttd)
        second = Worker(lambda: place(ttd))
        second.wait_until_blocked_or_done()
        assert second.is_alive()
    assert second.result() == first
    assert Order.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_if_the_first_fails_the_second_places_the_order(ttd: Creator) -> None:
    with transaction.atomic():
        first = place(ttd)
        second = Worker(lambda: place(ttd))
        second.wait_until_blocked_or_done()
        assert second.is_alive()
        transaction.set_rollback(True)
    placed = second.result()
    assert placed.order_id != first.order_id
    assert [order.pk for order in Order.objects.all()] == [placed.order_id]


@pytest.mark.django_db(transaction=True)
def test_something_else_at_the_same_time_is_refused(ttd: Creator) -> None:
    with transaction.atomic():
        place(ttd)
        second = Worker(lambda: place(ttd, once=OTHER))
        second.wait_until_blocked_or_done()
        assert second.is_alive()
    with pytest.raises(KeyUsedForAnotherRequest):
        second.result()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("known", [False, True], ids=["a new key", "a key of yesterday"])
def test_many_at_once_make_one_order(ttd: Creator, simulators: Simulators, known: bool) -> None:
    if known:
        register(
            creator=ttd, request=request(Channel.SMS, mobiles(1)), idempotent=OTHER, now=NOON - DAY
        )
        Order.objects.all().delete()
    start = Barrier(6)

    def at_once() -> Callable[[], Receipt]:
        def job() -> Receipt:
            start.wait(60)
            return place(ttd, person(KARI), person(OLA))

        return job

    receipts = [worker.result() for worker in [Worker(at_once()) for _ in range(6)]]
    assert len({receipt.order_id for receipt in receipts}) == 1
    assert all(receipt == receipts[0] for receipt in receipts)
    assert [order.pk for order in Order.objects.all()] == [receipts[0].order_id]
    assert Recipient.objects.count() == 2


def test_old_keys_are_forgotten_batch_by_batch(
    ttd: Creator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "BATCH", 2)
    for number in range(5):
        place(ttd, once=IdempotentRequest(f"old-{number}", SAME.fingerprint))
    register(
        creator=ttd, request=request(Channel.SMS, mobiles(1)), idempotent=SAME, now=NOON + INSTANT
    )
    assert forget_old(now=NOON + DAY) == 5
    assert [known.key for known in IdempotencyKey.objects.all()] == [SAME.key]
    assert forget_old(now=NOON + DAY) == 0
    assert Order.objects.count() == 6


@pytest.mark.django_db(transaction=True)
def test_a_key_that_is_used_anew_at_the_same_moment_is_not_forgotten(ttd: Creator) -> None:
    place(ttd)
    with transaction.atomic():
        order = request(Channel.SMS, mobiles(1))
        again = register(creator=ttd, request=order, idempotent=SAME, now=NOON + DAY)
        purge = Worker(lambda: forget_old(now=NOON + DAY))
        purge.wait_until_blocked_or_done()
        assert purge.is_alive()
    assert purge.result() == 0
    assert recall(creator=ttd, request=SAME, now=NOON + DAY) == again


def test_old_keys_are_found_by_an_index(ttd: Creator) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    old = IdempotencyKey.objects.filter(created__lte=NOON).order_by("created")[:10]
    assert "Index Scan" in old.explain()


def test_the_sweep_forgets_old_keys(ttd: Creator) -> None:
    place(ttd)
    sweep(now=NOON + DAY - INSTANT)
    assert IdempotencyKey.objects.count() == 1
    sweep(now=NOON + DAY)
    assert not IdempotencyKey.objects.exists()
