"""Orders that cannot be processed wait, alone where they must, and end in the end."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from django.db import connection
from pytest_django import Settings

from notifications.expansion import batches, expand
from notifications.expansion.claims import LEASE, claim_for_expansion
from notifications.expansion.expand import process_past_due_orders
from notifications.models import Notification
from orders.models import Channel, Creator, Order, OrderStatus
from recipients.models import Recipient
from script.launcher.system.simulators import Simulators
from tests.building import (
    FJELLHEIM,
    KARI,
    NOON,
    OLA,
    SUNNIVA,
    direct,
    mobiles,
    order,
    organization,
    people,
    person,
)
from tests.notifications.expansion.expanding import (
    AFTER_THE_LEASE,
    BY_NAME,
    KARIS_NUMBER,
    SECOND,
    addresses,
    feed_of,
    outcomes,
    status_of,
    turns,
)
from tests.recipients.conftest import (
    DECISION,
    PERSONS,
    USERS,
    key_file,
    private_key,
    registers,
)
from tests.recipients.local_server import Call, LocalServer

__all__ = ["key_file", "private_key", "registers"]

# Registers that are down


@pytest.mark.parametrize(
    ("register", "waiting", "going_on"),
    [
        (
            "profile",
            ["person", "named", "log-in named", "by users", "organization"],
            ["direct", "direct named"],
        ),
        (
            "register",
            ["named"],
            ["person", "log-in named", "by users", "organization", "direct", "direct named"],
        ),
        (
            "authorization",
            ["by users"],
            ["person", "named", "log-in named", "organization", "direct", "direct named"],
        ),
    ],
)
@pytest.mark.parametrize("trouble", ["error500", "bad-json"])
def test_a_register_that_is_down_holds_up_only_the_orders_that_need_it(
    ttd: Creator,
    simulators: Simulators,
    register: str,
    waiting: list[str],
    going_on: list[str],
    trouble: str,
) -> None:
    orders = {
        "person": order(ttd, Channel.SMS, [person(KARI)]),
        "named": order(ttd, Channel.SMS, [person(OLA)], sms=BY_NAME),
        "log-in named": order(ttd, Channel.SMS, [SUNNIVA], sms=BY_NAME),
        "by users": order(
            ttd, Channel.SMS, [organization(FJELLHEIM)], resource_id="app_ttd_apps-test"
        ),
        "organization": order(ttd, Channel.SMS, [organization(FJELLHEIM)]),
        "direct": order(ttd, Channel.SMS, mobiles(1)),
        "direct named": order(ttd, Channel.SMS, mobiles(1), sms=BY_NAME),
    }
    simulators.fault(register, trouble)
    turns(1)
    assert {name: status_of(orders[name]) for name in waiting} == dict.fromkeys(
        waiting, "Processing"
    )
    assert {name: status_of(orders[name]) for name in going_on} == dict.fromkeys(
        going_on, "Processed"
    )
    for name in waiting:
        orders[name].refresh_from_db()
        assert orders[name].reason.startswith(f"{register.capitalize()} is unavailable: ")
        assert not addresses(orders[name])


def test_an_order_that_waits_for_a_register_is_tried_later_and_later(
    ttd: Creator, simulators: Simulators
) -> None:
    placed = order(ttd)
    simulators.fault("profile", "error500")
    now, waits = NOON, []
    for _ in range(7):
        turns(1, now=now)
        placed.refresh_from_db()
        waits.append((placed.next_attempt_at - now).total_seconds())
        almost = placed.next_attempt_at - timedelta(microseconds=1)
        assert process_past_due_orders(now=almost) == 0
        now = placed.next_attempt_at
    for wait, least in zip(waits, [5, 30, 120, 600, 1800, 1800, 1800], strict=True):
        assert least <= wait <= least * 1.2
    assert placed.lease_token is None

    simulators.fault("profile", times=1)  # healthy again
    turns(1, now=now)
    placed.refresh_from_db()
    assert (placed.status, placed.reason, placed.attempts) == ("Processed", "", 0)
    assert addresses(placed) == [KARIS_NUMBER]


def test_orders_that_failed_together_do_not_all_come_back_together(
    ttd: Creator, simulators: Simulators
) -> None:
    for _ in range(20):
        order(ttd)
    simulators.fault("profile", "error500")
    turns(1)
    assert len(set(Order.objects.values_list("next_attempt_at", flat=True))) > 10


ODD_ENTRIES: list[Any] = [
    {"nationalIdentityNumber": KARI, "isReserved": None},
    {"nationalIdentityNumber": KARI, "isReserved": False, "email": ["a@b.no"]},
    {"nationalIdentityNumber": 1838510058},
    None,
    500,
]


@pytest.mark.parametrize("entry", ODD_ENTRIES)
def test_whoever_a_register_cannot_answer_for_holds_up_nobody_else(
    ttd: Creator, registers: LocalServer, entry: Any
) -> None:
    def answer(call: Call) -> object:
        asked = call.body["nationalIdentityNumbers"]
        if entry == 500 and KARI in asked:
            return web.Response(status=500)
        return {
            "contactPointsList": [
                entry
                if number == KARI
                else {"nationalIdentityNumber": number, "isReserved": False, "email": "o@la.no"}
                for number in asked
            ]
        }

    registers.answer(PERSONS, answer)
    of_kari = order(ttd, Channel.EMAIL, [person(KARI), person(OLA)])
    others = [order(ttd, Channel.EMAIL, [one]) for one in [person(OLA), *people(20)]]
    turns(1)
    assert {status_of(one) for one in others} == {"Processed"}
    of_kari.refresh_from_db()
    assert of_kari.status == "Processing"
    assert of_kari.reason.startswith("Profile is unavailable: ")


def test_an_organisation_whose_users_cannot_be_judged_holds_up_nobody_else(
    ttd: Creator, registers: LocalServer
) -> None:
    """Authorization knows it by another number than Profile."""
    registers.answer(
        USERS,
        lambda call: {
            "contactPointsList": [
                {
                    "organizationNumber": number,
                    "partyId": int(number[-4:]),
                    "userContactPoints": [{"userId": 7, "email": "user@la.no"}],
                }
                for number in call.body["organizationNumbers"]
            ]
        },
    )

    def decide(call: Call) -> object:
        asked = str(call.body)
        pairs = [("7", party) for party in ("179", "200") if f"resource{party}" in asked]
        told = "9" * 5_000 if "resource179" in asked else ""
        return {
            "response": [
                {
                    "decision": "Permit",
                    "category": [
                        {
                            "attribute": [
                                {"attributeId": "urn:altinn:userid", "value": user},
                                {"attributeId": "urn:altinn:partyid", "value": told or party},
                            ]
                        }
                    ],
                }
                for user, party in pairs
            ]
        }

    registers.answer(DECISION, decide)
    stuck, other = (
        order(ttd, Channel.EMAIL, [organization(number)], resource_id="some-resource")
        for number in (FJELLHEIM, "311000200")
    )
    turns(1)
    assert status_of(stuck) == "Processing"
    assert addresses(other) == ["user@la.no"]


# Orders that cannot be processed


def give_up(placed: Order, *, now: datetime = NOON + timedelta(hours=48)) -> None:
    """As many tries as it takes, the last at `now`."""
    for _ in range(5):
        Order.objects.filter(pk=placed.pk).update(next_attempt_at=NOON)
        turns(1)
    Order.objects.filter(pk=placed.pk).update(next_attempt_at=NOON)
    turns(1, now=now)


def test_an_order_is_given_up_after_two_days_of_trying(
    ttd: Creator, simulators: Simulators, settings: Settings
) -> None:
    settings.ORDER_GIVE_UP_HOURS = 48
    placed = order(ttd, Channel.EMAIL_AND_SMS, [person(KARI), person(OLA)])
    simulators.fault("profile", "error500")
    give_up(placed)
    made = Notification.objects.filter(order=placed).order_by("id")
    reason = (
        "The order could not be processed within 48 hours."
        " Profile is unavailable: it answered with status 500."
    )
    assert [
        (n.channel, n.status, n.reason, n.national_identity_number, n.address) for n in made
    ] == [("Email", "Failed", reason, KARI, ""), ("Email", "Failed", reason, OLA, "")]
    assert status_of(placed) == "Completed"
    assert feed_of(placed) == [("Completed", 2)]


def test_an_order_is_not_given_up_before_two_days(ttd: Creator, simulators: Simulators) -> None:
    placed = order(ttd)
    simulators.fault("profile", "error500")
    give_up(placed, now=NOON + timedelta(hours=48) - SECOND)
    assert status_of(placed) == "Processing"
    assert not addresses(placed)


def test_an_order_that_comes_late_is_tried_before_it_is_given_up(
    ttd: Creator, simulators: Simulators
) -> None:
    """As after days in which nothing ran at all."""
    placed = order(ttd)
    late = NOON + timedelta(days=5)
    simulators.fault("profile", "error500", times=2)
    turns(1, now=late)
    assert status_of(placed) == "Processing"
    turns(1, now=late + timedelta(minutes=1))
    turns(1, now=late + timedelta(minutes=2))
    assert (status_of(placed), addresses(placed)) == ("Processed", [KARIS_NUMBER])


def test_only_the_recipients_not_yet_expanded_are_given_up(
    ttd: Creator, simulators: Simulators
) -> None:
    placed = order(ttd, Channel.SMS, people(1_500))
    turns(1)
    simulators.fault("profile", "error500")
    give_up(placed)
    assert Notification.objects.filter(order=placed, status="New").count() == 1_000
    assert Notification.objects.filter(order=placed, status="Failed").count() == 500
    assert status_of(placed) == "Processed"


def test_a_large_order_is_given_up_to_the_end(ttd: Creator, simulators: Simulators) -> None:
    placed = order(ttd, Channel.SMS, people(2_500))
    simulators.fault("profile", "error500")
    give_up(placed)
    assert status_of(placed) == "Processing"
    turns(2, now=NOON + timedelta(hours=48))
    assert Notification.objects.filter(order=placed, status="Failed").count() == 2_500
    assert (status_of(placed), feed_of(placed)) == ("Completed", [("Completed", 2_500)])
    placed.refresh_from_db()
    assert placed.reason == "Profile is unavailable: it answered with status 500."


def test_an_order_whose_workers_keep_dying_is_given_up_without_another_try(
    ttd: Creator, simulators: Simulators
) -> None:
    deadly = order(ttd)
    now = NOON
    while now < NOON + timedelta(hours=48):
        assert len(claim_for_expansion(now=now, limit=10).orders) == 1
        now += timedelta(hours=6)
    neighbour = order(ttd, Channel.SMS, mobiles(1), requested_send_time=NOON)
    simulators.reset()
    turns(1, now=now)
    assert simulators.calls() == []
    (made,) = Notification.objects.filter(order=deadly)
    assert (made.status, made.reason) == (
        "Failed",
        "The order could not be processed within 48 hours."
        " Whoever processed it ended in the middle of it, over and over.",
    )
    assert (status_of(deadly), feed_of(deadly)) == ("Completed", [("Completed", 1)])
    assert status_of(neighbour) == "Processed"


def test_orders_whose_worker_died_do_not_all_come_back_together(ttd: Creator, db: None) -> None:
    for _ in range(20):
        order(ttd, Channel.SMS, mobiles(1))
    claim_for_expansion(now=NOON, limit=100)
    again = Order.objects.values_list("next_attempt_at", flat=True)
    assert len(set(again)) > 10
    assert all(NOON + LEASE <= moment <= NOON + AFTER_THE_LEASE for moment in again)


@pytest.fixture
def picky_database(db: None) -> str:
    """A database that refuses every message to one number."""
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE notifications_notification"
            " ADD CONSTRAINT picky CHECK (address <> '+4799999913')"
        )
    return "+4799999913"


def test_an_order_that_cannot_be_written_waits_alone(
    ttd: Creator, simulators: Simulators, picky_database: str
) -> None:
    addressees = [*mobiles(13), direct(mobile=picky_database), *mobiles(16, first=20)]
    orders = [order(ttd, Channel.SMS, [addressee]) for addressee in addressees]
    turns(1)
    waiting = Order.objects.get(status="Processing")
    assert waiting.recipients.get().mobile_number == picky_database
    assert waiting.reason == "It could not be expanded: IntegrityError."
    assert waiting.lease_token is None
    assert NOON + 5 * SECOND <= waiting.next_attempt_at <= NOON + 6 * SECOND
    assert Order.objects.filter(status="Processed").count() == len(orders) - 1
    assert Notification.objects.count() == len(orders) - 1


def test_nothing_personal_is_logged_of_what_cannot_be_written(
    ttd: Creator,
    simulators: Simulators,
    picky_database: str,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    order(ttd, Channel.SMS, [direct(mobile=picky_database)])
    turns(1)
    written = caplog.text + capsys.readouterr().out + capsys.readouterr().err
    assert "An order cannot be expanded" in written
    assert "IntegrityError" in written
    assert picky_database not in written


def test_an_order_that_cannot_be_rendered_waits_alone(ttd: Creator, simulators: Simulators) -> None:
    broken = order(ttd, Channel.SMS, mobiles(1))
    # As a number that a later release of libphonenumber no longer understands.
    Recipient.objects.filter(order=broken).update(mobile_number="+999")
    fine = [order(ttd, Channel.SMS, [addressee]) for addressee in mobiles(10)]
    turns(1)
    broken.refresh_from_db()
    assert broken.status == "Processing"
    assert broken.reason == "It could not be expanded: NumberParseException."
    assert {status_of(one) for one in fine} == {"Processed"}


def test_an_order_that_cannot_be_rendered_is_given_up_in_the_end(
    ttd: Creator, simulators: Simulators
) -> None:
    broken = order(ttd, Channel.SMS, mobiles(2))
    Recipient.objects.filter(order=broken, mobile_number="+4790000001").update(mobile_number="+999")
    give_up(broken)
    assert outcomes(broken) == [("Sms", "Failed"), ("Sms", "Failed")]
    assert status_of(broken) == OrderStatus.COMPLETED
    assert feed_of(broken) == [("Completed", 2)]


def test_an_order_that_cannot_be_written_is_given_up_without_the_address(
    ttd: Creator, simulators: Simulators, picky_database: str
) -> None:
    broken = order(ttd, Channel.SMS, [direct(mobile=picky_database)])
    give_up(broken)
    (made,) = Notification.objects.filter(order=broken)
    assert (made.status, made.address) == ("Failed", "")
    assert status_of(broken) == OrderStatus.COMPLETED


def test_an_order_that_cannot_be_written_now_is_not_given_up_without_its_address(
    ttd: Creator, simulators: Simulators
) -> None:
    """The database says nothing against the address: the statement took too long."""
    broken = order(ttd, Channel.SMS, mobiles(1))
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN IF NEW.address <> '' THEN RAISE 'slow' USING ERRCODE = '57014'; END IF;"
            " RETURN NEW; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER slow BEFORE INSERT ON notifications_notification"
            " FOR EACH ROW EXECUTE FUNCTION slow()"
        )
    give_up(broken)
    assert status_of(broken) == OrderStatus.PROCESSING
    assert outcomes(broken) == []


def test_registers_are_asked_once_even_where_some_orders_cannot_be_written(
    ttd: Creator, simulators: Simulators, picky_database: str
) -> None:
    order(ttd, Channel.SMS, [direct(mobile=picky_database)])
    for addressee in people(20):
        order(ttd, Channel.SMS, [addressee])
    turns(1)
    assert len(simulators.calls("profile")) == 1
    assert Order.objects.filter(status="Processed").count() == 20


@pytest.mark.django_db(transaction=True)
def test_no_database_connection_is_held_while_registers_are_asked(
    ttd: Creator, simulators: Simulators
) -> None:
    order(ttd)
    claim = claim_for_expansion(now=NOON, limit=1)
    taken = batches.read(claim.orders)
    assert connection.connection is not None
    expand.look_up(taken)
    assert connection.connection is None
