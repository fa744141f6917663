"""The same text goes to an address once, whoever its recipients are; who was spared is told."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications.expansion import batches, covering
from notifications.expansion.covering import Memory, Reached
from notifications.expansion.expand import process_past_due_orders
from notifications.models import Notification
from notifications.results import record
from orders.models import Channel, Creator, Order
from orders.requests import Addressee, EmailText, SmsText
from script.launcher.system.simulators import Simulators
from tests.building import KARI, NOON, direct, mobiles, order, person

KARIS_NUMBER = "+4793000002"
TWIN = "01010112345"
BY_NAME = SmsText("Hi $recipientName$")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _remembers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(covering, "memory", Memory())


def expand(placed: Order) -> list[Notification]:
    for _ in range(20):
        process_past_due_orders(now=NOON)
    placed.refresh_from_db()
    assert placed.status == "Processed"
    return list(Notification.objects.filter(order=placed).order_by("id"))


def covered(placed: Order) -> list[Notification | None]:
    """By which notification each recipient is covered, in the order of the request."""
    ids = placed.recipients.order_by("id").values_list("covered_by", flat=True)
    return [None if pk is None else Notification.objects.get(pk=pk) for pk in ids]


@pytest.mark.parametrize(
    "shared",
    [
        [person(KARI), direct(mobile=KARIS_NUMBER), person(TWIN)],
        [direct(mobile=KARIS_NUMBER), person(TWIN), person(KARI)],
        [direct(mobile="0047 93 00 00 02"), person(KARI), person(TWIN)],
    ],
)
def test_the_same_text_goes_to_a_number_once(
    ttd: Creator, simulators: Simulators, shared: list[Addressee]
) -> None:
    simulators.add_person(TWIN, mobileNumber=KARIS_NUMBER)
    placed = order(ttd, Channel.SMS, shared)
    (only,) = expand(placed)
    assert only.normalized_address == KARIS_NUMBER
    assert covered(placed) == [None, only, only]


def test_an_email_address_is_the_same_in_any_case(ttd: Creator, simulators: Simulators) -> None:
    simulators.add_person(TWIN, email="Kari@Example.com")
    entries = [direct(email="kari@example.com"), person(TWIN)]
    (only,) = expand(order(ttd, Channel.EMAIL, entries))
    assert only.address == "kari@example.com"


def test_where_keywords_make_the_text_differ_both_go(ttd: Creator, simulators: Simulators) -> None:
    simulators.add_person(TWIN, mobileNumber=KARIS_NUMBER, name="Turi Tvilling")
    entries = [person(KARI), person(TWIN), direct(mobile=KARIS_NUMBER)]
    placed = order(ttd, Channel.SMS, entries, sms=BY_NAME)
    made = expand(placed)
    assert [one.normalized_address for one in made] == [KARIS_NUMBER] * 3
    assert len({one.body for one in made}) == 3  # the address that the sender gave: as written
    assert covered(placed) == [None, None, None]


def test_a_subject_alone_makes_a_difference(ttd: Creator, simulators: Simulators) -> None:
    simulators.add_person(TWIN, email="post@example.com", name="Turi Tvilling")
    entries = [person(TWIN), direct(email="post@example.com")]
    text = EmailText(subject="To $recipientName$", body="The same to all.")
    assert len(expand(order(ttd, Channel.EMAIL, entries, email=text))) == 2


def test_each_channel_is_for_itself(ttd: Creator, simulators: Simulators) -> None:
    simulators.add_person(TWIN, mobileNumber=KARIS_NUMBER, email="twin@example.com")
    entries = [person(TWIN), direct(mobile=KARIS_NUMBER, email="other@example.com")]
    placed = order(ttd, Channel.EMAIL_AND_SMS, entries)
    made = expand(placed)
    assert sorted(one.address for one in made) == [
        KARIS_NUMBER,
        "other@example.com",
        "twin@example.com",
    ]
    _, second = covered(placed)
    assert second is not None
    assert second.channel == "Sms"


def test_another_order_says_it_again(ttd: Creator, simulators: Simulators) -> None:
    entries = [person(KARI)]
    for placed in (order(ttd, Channel.SMS, entries), order(ttd, Channel.SMS, entries)):
        assert len(expand(placed)) == 1


def test_one_that_failed_from_the_start_covers_nobody(ttd: Creator, simulators: Simulators) -> None:
    simulators.add_person(TWIN, mobileNumber=KARIS_NUMBER, isReserved=True)
    entries = [person(TWIN), person(KARI)]
    made = expand(order(ttd, Channel.SMS, entries))
    assert [one.status for one in made] == ["Failed_RecipientReserved", "New"]


@pytest.mark.parametrize("remembers", [True, False], ids=["one process", "another process"])
def test_a_large_order_is_covered_across_its_batches(
    ttd: Creator, simulators: Simulators, monkeypatch: pytest.MonkeyPatch, remembers: bool
) -> None:
    monkeypatch.setattr(batches, "MAX_BATCH", 3)
    if not remembers:
        monkeypatch.setattr(covering, "MAX_REMEMBERED", 0)
    simulators.add_person(TWIN, mobileNumber=KARIS_NUMBER)
    entries = [person(KARI), *mobiles(5), person(TWIN), *mobiles(3, first=10)]
    placed = order(ttd, Channel.SMS, entries)
    made = expand(placed)
    assert len(made) == 9
    assert [one is None for one in covered(placed)] == [True] * 6 + [False] + [True] * 3
    assert covered(placed)[6] == made[0]


def test_what_a_process_wrote_itself_it_does_not_read_again(
    ttd: Creator, simulators: Simulators, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "MAX_BATCH", 2)
    placed = order(ttd, Channel.SMS, mobiles(6))
    with CaptureQueriesContext(connection) as queries:
        expand(placed)
    read = [q for q in queries if "normalized_address <> ''" in q["sql"]]
    assert read == []


def test_a_batch_that_could_not_be_written_is_not_remembered(
    ttd: Creator, simulators: Simulators, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "MAX_BATCH", 2)
    placed = order(ttd, Channel.SMS, [*mobiles(3), person(KARI), *mobiles(2, first=10)])
    process_past_due_orders(now=NOON)
    complete = record.complete

    def fails(*given: Any, **named: Any) -> Any:
        monkeypatch.setattr(record, "complete", complete)
        raise ArithmeticError

    monkeypatch.setattr(record, "complete", fails)
    process_past_due_orders(now=NOON)
    assert Notification.objects.filter(order=placed).count() == 2
    for minutes in range(1, 4):
        process_past_due_orders(now=NOON + minutes * timedelta(minutes=10))
    assert Notification.objects.filter(order=placed).count() == 6
    assert covered(placed) == [None] * 6


def test_the_memory_is_bounded_and_forgets_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(covering, "MAX_REMEMBERED", 3)
    memory = Memory()
    for number in range(4):
        reached = Reached({str(place): UUID(int=number) for place in range(2)})
        memory.put(UUID(int=number), reached, expanded_up_to=2)
    assert list(memory._orders) == [UUID(int=3)]
