"""Past-due orders become notifications, together where they can and alone where they must."""

from datetime import timedelta

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from notifications.expansion import batches, expand
from notifications.expansion.claims import LEASE, claim_for_expansion
from notifications.expansion.expand import process_past_due_orders
from notifications.expansion.routing import UNUSABLE_BOTH
from notifications.models import Notification, NotificationStatus
from notifications.results import record
from notifications.results.record import Result
from orders.models import Channel, Creator, Order
from orders.placing.register import look_up_verdicts
from orders.requests import EmailText, SmsText
from recipients.models import Recipient
from script.launcher.system.simulators import Simulators
from tests import building
from tests.building import (
    FJELLHEIM,
    KARI,
    NOON,
    OLA,
    RAKEL_RESERVED,
    SUNNIVA,
    TORDIS_WITHOUT_CONTACT,
    direct,
    mobiles,
    notification,
    order,
    organization,
    people,
    person,
)
from tests.notifications.conftest import Worker
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

EILERT_STALE = "20848410110"


def test_a_due_order_becomes_a_notification(ttd: Creator, simulators: Simulators) -> None:
    placed = order(ttd, Channel.SMS, [person(KARI)], sms=BY_NAME)
    assert process_past_due_orders(now=NOON + SECOND) == 1
    (made,) = Notification.objects.filter(order=placed).values()
    assert {name: value for name, value in made.items() if name != "id"} == {
        "order_id": placed.pk,
        "creator_id": ttd.pk,
        "channel": "Sms",
        "policy": "Daytime",
        "address": KARIS_NUMBER,
        "normalized_address": KARIS_NUMBER,
        "national_identity_number": KARI,
        "organization_number": "",
        "subject": None,
        "body": "Hi Kari Nordmann",
        "status": "New",
        "status_at": NOON + SECOND,
        "finished_at": None,
        "reason": "",
        "next_attempt_at": NOON + SECOND,
        "expires_at": NOON + SECOND + timedelta(hours=48),
        "lease_until": None,
        "lease_token": None,
        "attempts": 0,
        "gateway": None,
        "gateway_reference": None,
        "segments": 1,
        "resend_of_id": None,
        "is_held": False,
        "is_simulated": False,
        "created": NOON + SECOND,
        "is_uncertain": False,
        "sent_at": None,
    }
    placed.refresh_from_db()
    assert (placed.status, placed.status_at) == ("Processed", NOON + SECOND)
    assert (placed.attempts, placed.lease_token, placed.reason) == (0, None, "")
    assert placed.expanded_up_to == Recipient.objects.get(order=placed).pk
    assert feed_of(placed) == []


def test_nothing_is_processed_before_its_time(ttd: Creator, simulators: Simulators) -> None:
    placed = order(ttd, requested_send_time=NOON + timedelta(hours=1))
    almost = NOON + timedelta(hours=1) - timedelta(microseconds=1)
    assert process_past_due_orders(now=almost) == 0
    assert status_of(placed) == "Registered"
    assert process_past_due_orders(now=NOON + timedelta(hours=1)) == 1
    assert status_of(placed) == "Processed"


def test_an_order_is_processed_once(ttd: Creator, simulators: Simulators) -> None:
    placed = order(ttd)
    turns(3)
    assert addresses(placed) == [KARIS_NUMBER]


def test_orders_of_all_channels_are_processed_together(
    ttd: Creator, skd: Creator, simulators: Simulators
) -> None:
    everybody = [person(KARI), organization(FJELLHEIM)]
    made = {
        channel: order(creator, channel, everybody, resource_id=resource)
        for channel, creator, resource in [
            (Channel.SMS, ttd, None),
            (Channel.EMAIL, skd, "app_ttd_apps-test"),
            (Channel.EMAIL_PREFERRED, ttd, None),
            (Channel.SMS_PREFERRED, ttd, "app_ttd_apps-test"),
            (Channel.EMAIL_AND_SMS, skd, None),
        ]
    }
    assert process_past_due_orders(now=NOON) == 5
    kari, fjellheim = "kari.nordmann@post.example", "post@fjellheim.example"
    leader = ["daglig.leder@fjellheim.example", "+4794000011"]
    assert {channel: addresses(placed) for channel, placed in made.items()} == {
        Channel.SMS: [KARIS_NUMBER, "+4794000001"],
        Channel.EMAIL: [kari, fjellheim, leader[0]],
        Channel.EMAIL_PREFERRED: [kari, fjellheim],
        Channel.SMS_PREFERRED: [KARIS_NUMBER, "+4794000001", leader[1]],
        Channel.EMAIL_AND_SMS: [kari, KARIS_NUMBER, fjellheim, "+4794000001"],
    }
    assert {n.creator_id for n in Notification.objects.filter(order=made[Channel.EMAIL])} == {
        skd.pk
    }


def test_many_orders_share_their_calls_to_the_registers(
    ttd: Creator, simulators: Simulators
) -> None:
    for addressee in people(1_200):
        order(ttd, Channel.SMS, [addressee], sms=BY_NAME)
    turns(2)
    assert Order.objects.filter(status="Processed").count() == 1_200
    assert Notification.objects.filter(status="New", body__startswith="Hi ").count() == 1_200
    assert len(simulators.calls("profile")) <= 2
    assert len(simulators.calls("register")) <= 2


def test_somebody_in_many_orders_is_looked_up_once(ttd: Creator, simulators: Simulators) -> None:
    for _ in range(50):
        order(ttd, Channel.SMS, [person(KARI), person(OLA)])
    turns(1)
    assert [call["size"] for call in simulators.calls("profile")] == [2]


def test_registers_are_asked_only_for_those_whom_they_must_know(
    ttd: Creator, simulators: Simulators
) -> None:
    order(ttd, Channel.SMS, mobiles(3), sms=BY_NAME)
    turns(1)
    assert simulators.calls() == []
    order(ttd, Channel.SMS, [person(KARI)])
    order(ttd, Channel.SMS, [person(OLA)], sms=BY_NAME)
    turns(1)
    assert [call["size"] for call in simulators.calls("profile")] == [2]
    assert [call["size"] for call in simulators.calls("register")] == [1]


def test_a_turn_costs_the_same_number_of_queries_however_many_orders_it_takes(
    ttd: Creator, simulators: Simulators, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for addressee in people(200):
        order(ttd, Channel.SMS, [addressee], sms=BY_NAME)
    with django_assert_max_num_queries(11):  # of which 2 are the test's own savepoints
        turns(1)
    assert Notification.objects.count() == 200


def test_case_09_an_unusable_address_counts_as_none_and_the_other_channel_is_tried(
    ttd: Creator, simulators: Simulators
) -> None:
    simulators.add_person("01010112345", email="ola@", mobileNumber="930\u00a000\u00a0052")
    simulators.add_person("01010112346", email="ola@example.com", mobileNumber="22334455")
    simulators.add_person("01010112347", email="ola@", mobileNumber="22334455")
    recipients = [person(f"0101011234{last}") for last in (5, 6, 7)]
    (verdicts,) = look_up_verdicts([building.request(Channel.EMAIL_PREFERRED, recipients)])
    assert [one.value for one in verdicts] == ["Found", "Found", "Missing"]
    placed = order(ttd, Channel.EMAIL_PREFERRED, recipients)
    turns(1)
    made = Notification.objects.filter(order=placed).order_by("national_identity_number")
    assert [(one.channel, one.address, one.status, one.reason) for one in made] == [
        ("Sms", "+4793000052", "New", ""),
        ("Email", "ola@example.com", "New", ""),
        ("Email", "", "Failed_RecipientNotIdentified", UNUSABLE_BOTH),
    ]


def test_other_log_ins_and_stale_addresses_are_looked_up_when_the_order_is_due(
    ttd: Creator, simulators: Simulators
) -> None:
    order(ttd, Channel.EMAIL_PREFERRED, [SUNNIVA], email=EmailText("Til $recipientName$", "Hei"))
    for will_do in (True, False):
        order(ttd, Channel.SMS, [person(EILERT_STALE)], use_stale_contact_information=will_do)
    turns(1)
    made = Notification.objects.order_by("id").values_list("address", "status", "subject")
    assert sorted(made) == [
        ("", "Failed_RecipientNotIdentified", None),
        ("+4793000016", "New", None),
        ("sunniva@post.example", "New", None),
    ]


def test_identical_entries_are_shown_but_reached_once(ttd: Creator, simulators: Simulators) -> None:
    entries = [
        direct(mobile="+4791000001"),
        person(KARI),
        direct(mobile="004791000001"),
        person(KARI),
    ]
    placed = order(ttd, Channel.SMS, entries)
    turns(1)
    assert addresses(placed) == ["+4791000001", KARIS_NUMBER]
    assert placed.recipients.count() == 4
    assert status_of(placed) == "Processed"


def test_an_identifier_that_the_registers_refuse_harms_nobody_else(
    ttd: Creator, simulators: Simulators
) -> None:
    refused = order(ttd, Channel.SMS, [person("x")], sms=BY_NAME)
    fine = order(ttd, Channel.SMS, [person(KARI)], sms=BY_NAME)
    turns(1)
    assert outcomes(refused) == [("Sms", "Failed_RecipientNotIdentified")]
    assert outcomes(fine) == [("Sms", "New")]


def test_a_name_that_the_database_cannot_hold_harms_nobody(
    ttd: Creator, simulators: Simulators
) -> None:
    simulators.add_person("01010112345", name="Ka\0ri", mobileNumber="+4791000001")
    for number in ("01010112345", OLA):
        order(ttd, Channel.SMS, [person(number)], sms=BY_NAME)
    turns(1)
    bodies = Notification.objects.values_list("body", flat=True)
    assert set(bodies) == {"Hi Kari", "Hi Ola Nordmann"}


def test_an_order_that_reaches_nobody_completes_at_once(
    ttd: Creator, simulators: Simulators
) -> None:
    nobody = [person(RAKEL_RESERVED), person(TORDIS_WITHOUT_CONTACT), organization("999999999")]
    placed = order(ttd, Channel.EMAIL, nobody)
    turns(1)
    assert [status for _, status in outcomes(placed)] == [
        "Failed_RecipientReserved",
        "Failed_RecipientNotIdentified",
        "Failed_RecipientNotIdentified",
    ]
    assert status_of(placed) == "Completed"
    assert feed_of(placed) == [("Completed", 3)]


# Large orders


def test_a_large_order_is_expanded_batch_by_batch(ttd: Creator, simulators: Simulators) -> None:
    placed = order(ttd, Channel.SMS, people(2_500))
    progress = []
    for _ in range(3):
        turns(1)
        progress.append((len(addresses(placed)), status_of(placed)))
    assert progress == [(1_000, "Processing"), (2_000, "Processing"), (2_500, "Processed")]
    assert len(set(addresses(placed))) == 2_500


def test_a_batch_may_take_several_calls_of_a_register(
    ttd: Creator, simulators: Simulators, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "MAX_BATCH", 2_000)
    placed = order(ttd, Channel.SMS, people(2_500))
    progress = []
    for _ in range(2):
        turns(1)
        progress.append((len(addresses(placed)), status_of(placed)))
    assert progress == [(2_000, "Processing"), (2_500, "Processed")]
    assert [call["size"] for call in simulators.calls("profile")] == [1_000, 1_000, 500]


def test_a_worker_that_dies_between_batches_loses_and_doubles_nothing(
    ttd: Creator, simulators: Simulators
) -> None:
    placed = order(ttd, Channel.SMS, mobiles(2_500))
    turns(1)
    claim_for_expansion(now=NOON, limit=10)  # and then nothing more is heard of it
    turns(1)
    assert len(addresses(placed)) == 1_000
    turns(2, now=NOON + AFTER_THE_LEASE)
    assert sorted(addresses(placed)) == sorted(one.mobile_number for one in mobiles(2_500))
    assert status_of(placed) == "Processed"


def test_a_worker_that_lost_its_lease_writes_nothing(ttd: Creator, simulators: Simulators) -> None:
    small = order(ttd, Channel.SMS, mobiles(1))
    large = order(ttd, Channel.SMS, mobiles(2_500))
    slow = claim_for_expansion(now=NOON, limit=10)
    taken = batches.read(slow.orders)
    turns(1, now=NOON + AFTER_THE_LEASE)  # another worker
    assert (status_of(small), status_of(large)) == ("Processed", "Processing")

    expand.expand(taken, token=slow.token, now=NOON + AFTER_THE_LEASE)
    assert (len(addresses(small)), len(addresses(large))) == (1, 1_000)
    turns(2, now=NOON + AFTER_THE_LEASE)
    assert (len(addresses(small)), len(addresses(large))) == (1, 2_500)
    assert (status_of(small), status_of(large)) == ("Processed", "Processed")


def test_a_worker_that_lost_one_of_its_leases_writes_the_others(
    ttd: Creator, simulators: Simulators
) -> None:
    lost, kept = order(ttd, Channel.SMS, mobiles(1)), order(ttd, Channel.SMS, mobiles(1, first=5))
    claim = claim_for_expansion(now=NOON, limit=10)
    taken = batches.read(claim.orders)
    Order.objects.filter(pk=lost.pk).update(lease_token=None)
    expand.expand(taken, token=claim.token, now=NOON)
    assert (addresses(lost), addresses(kept)) == ([], ["+4790000005"])
    assert (status_of(lost), status_of(kept)) == ("Processing", "Processed")


def test_a_worker_that_lost_its_lease_does_not_back_off_for_the_new_holder(
    ttd: Creator, simulators: Simulators
) -> None:
    placed = order(ttd)
    slow = claim_for_expansion(now=NOON, limit=10)
    taken = batches.read(slow.orders)
    held = claim_for_expansion(now=NOON + AFTER_THE_LEASE, limit=10)
    simulators.fault("profile", "error500")
    expand.expand(taken, token=slow.token, now=NOON + AFTER_THE_LEASE)
    placed.refresh_from_db()
    assert (placed.lease_token, placed.reason) == (held.token, "")
    assert placed.next_attempt_at >= NOON + AFTER_THE_LEASE + LEASE


def test_an_order_does_not_complete_before_its_last_recipient_is_expanded(
    ttd: Creator, simulators: Simulators
) -> None:
    placed = order(ttd, Channel.SMS, mobiles(1_001))
    turns(1)
    assert len(record.record(delivered(placed), now=NOON)) == 1_000
    assert status_of(placed) == "Processing"
    turns(1)
    assert status_of(placed) == "Processed"
    assert len(record.record(delivered(placed), now=NOON)) == 1
    assert status_of(placed) == "Completed"
    assert feed_of(placed) == [("Completed", 1_001)]


def test_an_order_completes_with_its_last_batch_if_nothing_is_open_then(
    ttd: Creator, simulators: Simulators
) -> None:
    nobody = [person(f"0000000{number:04}") for number in range(1_001)]
    placed = order(ttd, Channel.SMS, nobody)
    turns(1)
    assert (status_of(placed), feed_of(placed)) == ("Processing", [])
    turns(1)
    assert (status_of(placed), feed_of(placed)) == ("Completed", [("Completed", 1_001)])


@pytest.fixture
def half_expanded(ttd: Creator) -> Order:
    """An order of which one message waits for its report, and the last recipient is unreachable
    and still to be expanded."""
    placed = order(ttd, Channel.SMS, [*mobiles(1), person(TORDIS_WITHOUT_CONTACT)])
    Order.objects.update(expanded_up_to=Recipient.objects.get(national_identity_number="").pk)
    notification(placed, NotificationStatus.ACCEPTED)
    return placed


def delivered(of: Order) -> list[Result]:
    open_ones = Notification.objects.filter(order=of, finished_at=None)
    return [Result(one.pk, NotificationStatus.DELIVERED, finished=True) for one in open_ones]


@pytest.mark.django_db(transaction=True)
def test_an_order_completes_when_its_last_report_comes_just_before_its_last_batch(
    half_expanded: Order, simulators: Simulators
) -> None:
    claim = claim_for_expansion(now=NOON, limit=1)
    taken = batches.read(claim.orders)
    with transaction.atomic():
        record.record(delivered(half_expanded), now=NOON)
        worker = Worker(lambda: expand.expand(taken, token=claim.token, now=NOON))
        worker.wait_until_blocked_or_done()
    worker.result()
    assert status_of(half_expanded) == "Completed"
    assert feed_of(half_expanded) == [("Completed", 2)]


@pytest.mark.django_db(transaction=True)
def test_an_order_completes_when_its_last_report_comes_just_after_its_last_batch(
    half_expanded: Order, simulators: Simulators
) -> None:
    told = delivered(half_expanded)
    with transaction.atomic():
        turns(1)
        worker = Worker(lambda: record.record(told, now=NOON))
        worker.wait_until_blocked_or_done()
    worker.result()
    assert status_of(half_expanded) == "Completed"
    assert feed_of(half_expanded) == [("Completed", 2)]


def test_a_large_order_does_not_delay_a_small_one(
    ttd: Creator, skd: Creator, simulators: Simulators
) -> None:
    large = order(ttd, Channel.SMS, mobiles(5_000))
    turns(1)
    small = order(skd, Channel.SMS, mobiles(1), now=NOON + SECOND)
    turns(1, now=NOON + SECOND)
    assert (status_of(large), status_of(small)) == ("Processing", "Processed")


def test_orders_share_a_turn_so_that_it_stays_small(ttd: Creator, simulators: Simulators) -> None:
    for _ in range(40):
        order(ttd, Channel.SMS, mobiles(300))
    turns(1)
    assert Notification.objects.count() == batches.RECIPIENTS_PER_TURN
    turns(1)
    assert Notification.objects.count() == 40 * 300


def test_long_texts_with_keywords_are_expanded_in_smaller_batches(
    ttd: Creator, simulators: Simulators, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "PERSONAL_CHARACTERS_PER_TURN", 10_000)
    long_text = SmsText("$recipientName$".ljust(1_000, "."))
    personal = order(ttd, Channel.SMS, people(30), sms=long_text)
    common = order(ttd, Channel.SMS, people(30))
    turns(1)
    assert (len(addresses(personal)), len(addresses(common))) == (5, 30)
    turns(3)
    assert (len(addresses(personal)), status_of(personal)) == (30, "Processed")
