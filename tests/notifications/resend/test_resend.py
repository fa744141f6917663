"""What failed is sent once more, what arrived is not; two clicks make one message."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from notifications.models import (
    Notification,
    NotificationChannel,
    NotificationStatus,
    StatusFeedEntry,
)
from notifications.reading import order_status, status_texts, summaries
from notifications.reading.order_status import Tally
from notifications.resend import rendering, rows
from notifications.resend.eligibility import Refusal, Terms
from notifications.resend.resend import Planned, Resent, plan, resend_in_batches
from notifications.results import record
from notifications.results.record import Result
from orders.models import Channel, Creator, Order, OrderType, SendingTimePolicy
from orders.requests import Addressee, EmailText, SmsText
from recipients.registers import RegisterUnavailable
from script.launcher.system.simulators import Simulators
from tests.building import (
    FJELLHEIM,
    KARI,
    NOON,
    RAKEL_RESERVED,
    SUNNIVA,
    TORDIS_WITHOUT_CONTACT,
    in_a_chain,
    notification,
    order,
    people,
    processed_order,
)
from tests.notifications.conftest import Worker
from tests.resending import resend

S, R = NotificationStatus, Refusal
LATER = NOON + timedelta(hours=1)
EVENING = NOON + timedelta(hours=8)
KARIS_NUMBER = "+4793000002"

pytestmark = pytest.mark.django_db


@pytest.fixture
def completed(ttd: Creator) -> Order:
    return processed_order(ttd, status="Completed")


def resends_of(*olds: Notification | UUID) -> list[Notification]:
    ids = [old.pk if isinstance(old, Notification) else old for old in olds]
    return list(Notification.objects.filter(resend_of__in=ids).order_by("id"))


def the_resend_of(old: Notification) -> Notification:
    (made,) = resends_of(old)
    return made


def resent(old: Notification, status: NotificationStatus, *, now: datetime = LATER) -> Notification:
    """One that stands for the old one."""
    fields: dict[str, Any] = {
        "national_identity_number": old.national_identity_number,
        "resend_of": old,
    }
    return notification(old.order, status, now=now, **fields)


def refusal(old: Notification, **terms: Any) -> Refusal | None:
    """Why it is not resent: in the plan and in the action."""
    planned = plan([old.pk], terms=Terms(**terms), now=LATER)
    done = resend([old.pk], now=LATER, **terms)
    assert planned.refused == done.refused
    assert len(planned.planned) == len(done.ids)
    assert set(done.refused) | {row.resend_of_id for row in resends_of(old) if row.created == LATER}
    return done.refused.get(old.pk)


def finish(row: Notification, status: NotificationStatus, *, now: datetime) -> None:
    record.record([Result(row.pk, status, finished=True)], now=now)


# What is made


def test_a_new_message_is_made_and_linked_to_the_old(ttd: Creator, completed: Order) -> None:
    old = notification(
        completed,
        S.FAILED_UNDELIVERED,
        address="+47 99 99 99 99",
        segments=2,
        attempts=4,
        reason="The phone is off.",
        gateway_reference="A-1",
        sent_at=NOON,
    )
    done = resend([old.pk], now=LATER)
    (made,) = Notification.objects.exclude(pk=old.pk).values()
    assert made == {
        "id": done.ids[0],
        "order_id": completed.pk,
        "creator_id": ttd.pk,
        "channel": "Sms",
        "policy": "Daytime",
        "address": "+47 99 99 99 99",
        "normalized_address": "+4799999999",
        "national_identity_number": "",
        "organization_number": "",
        "subject": None,
        "body": None,
        "status": "New",
        "status_at": LATER,
        "finished_at": None,
        "is_uncertain": False,
        "reason": "",
        "next_attempt_at": LATER,
        "expires_at": LATER + timedelta(hours=48),
        "lease_until": None,
        "lease_token": None,
        "attempts": 0,
        "gateway_reference": None,
        "segments": 2,
        "resend_of_id": old.pk,
        "is_held": False,
        "created": LATER,
        "sent_at": None,
    }
    assert done == Resent([made["id"]], {})
    unchanged = Notification.objects.get(pk=old.pk)
    assert (unchanged.status, unchanged.finished_at) == (S.FAILED_UNDELIVERED, NOON)


def test_a_plan_says_what_would_be_made_and_makes_nothing(completed: Order) -> None:
    failed = notification(completed, S.FAILED)
    lost = notification(completed, S.FAILED_TTL, sent_at=NOON)
    never_sent = notification(completed, S.FAILED_TTL)
    doubtful = notification(completed, S.FAILED, is_uncertain=True)
    arrived, unknown = notification(completed, S.DELIVERED), uuid4()
    chosen = [failed.pk, lost.pk, never_sent.pk, doubtful.pk, arrived.pk, unknown]
    sms, number = NotificationChannel.SMS, "+4799999999"
    found = plan(chosen, terms=Terms(), now=LATER)
    assert set(found.planned) == {
        Planned(failed.pk, sms, number, may_have_arrived=False),
        Planned(lost.pk, sms, number, may_have_arrived=True),
        Planned(never_sent.pk, sms, number, may_have_arrived=False),
        Planned(doubtful.pk, sms, number, may_have_arrived=True),
    }
    assert found.refused == {arrived.pk: R.DELIVERED, unknown: R.UNKNOWN}
    assert Notification.objects.count() == 5
    assert Order.objects.get().status == "Completed"


def test_the_window_holds_for_the_resend_as_for_the_old_one(completed: Order) -> None:
    daytime = notification(completed, S.FAILED)
    anytime = notification(completed, S.FAILED, policy="Anytime")
    resend([daytime.pk, anytime.pk], now=EVENING)
    opens = NOON + timedelta(hours=21)  # 09:00 the next day
    by_day, at_once = the_resend_of(daytime), the_resend_of(anytime)
    assert (by_day.policy, by_day.expires_at) == ("Daytime", opens + timedelta(hours=48))
    assert (at_once.policy, at_once.expires_at) == ("Anytime", EVENING + timedelta(hours=48))


def test_texts_with_their_keywords_filled_in_are_copied(
    ttd: Creator, simulators: Simulators
) -> None:
    text = EmailText(subject="To $recipientName$", body="Hi $recipientName$")
    mail = processed_order(ttd, channel=Channel.EMAIL, email=text, status="Completed")
    old = notification(
        mail, S.FAILED, subject="To her", body="Hi her", national_identity_number=KARI
    )
    resend([old.pk], now=LATER)
    made = the_resend_of(old)
    assert (made.subject, made.body, made.segments) == ("To her", "Hi her", None)
    assert made.address == "kari.nordmann@post.example"


def test_texts_that_were_never_filled_in_are_filled_in_now(
    ttd: Creator, simulators: Simulators
) -> None:
    """Who had no address, or was reserved, never got a text of their own."""
    placed = processed_order(ttd, sms=SmsText("Hi $recipientName$"), status="Completed")
    blank: dict[str, Any] = {"address": "", "normalized_address": ""}
    failed = S.FAILED_RECIPIENT_NOT_IDENTIFIED
    old = notification(placed, failed, national_identity_number=KARI, **blank)
    direct = notification(placed, S.FAILED)
    resend([old.pk, direct.pk], now=LATER)
    made = the_resend_of(old)
    assert (made.body, made.segments, made.address) == ("Hi Kari Nordmann", 1, KARIS_NUMBER)
    assert (the_resend_of(direct).body, the_resend_of(direct).segments) == (None, 1)


def test_a_text_that_would_be_too_long_is_not_sent(ttd: Creator, simulators: Simulators) -> None:
    long = SmsText("$recipientName$ " + "x" * 134 * 16)
    placed = processed_order(ttd, sms=long, status="Completed")
    assert refusal(notification(placed, S.FAILED, national_identity_number=KARI)) == R.TOO_LONG


def test_a_text_that_would_be_empty_is_not_sent(ttd: Creator, simulators: Simulators) -> None:
    placed = processed_order(ttd, sms=SmsText("$recipientNumber$"), status="Completed")
    assert refusal(notification(placed, S.FAILED, national_identity_number=KARI)) == R.EMPTY


# What is refused


@pytest.mark.parametrize(
    ("status", "refused", "when_forced"),
    [
        (S.NEW, R.ON_ITS_WAY, R.ON_ITS_WAY),
        (S.SENDING, R.ON_ITS_WAY, R.ON_ITS_WAY),
        (S.ACCEPTED, R.SENT, None),
        (S.DELIVERED, R.DELIVERED, None),
        (S.FAILED, None, None),
        (S.FAILED_TTL, None, None),
        (S.FAILED_BARRED_RECEIVER, None, None),
        (S.FAILED_UNDELIVERED, None, None),
    ],
)
def test_what_arrived_needs_force_and_what_is_on_its_way_is_never_resent(
    completed: Order,
    status: NotificationStatus,
    refused: Refusal | None,
    when_forced: Refusal | None,
) -> None:
    one, other = notification(completed, status), notification(completed, status)
    assert refusal(one) == refused
    assert refusal(other, force=True) == when_forced


@pytest.mark.parametrize("finished_at", [None, NOON])
def test_an_email_that_was_handed_over_needs_force(
    ttd: Creator, finished_at: datetime | None
) -> None:
    mail = processed_order(ttd, channel=Channel.EMAIL)
    fields: dict[str, Any] = {
        "finished_at": finished_at,
        "expires_at": None if finished_at else LATER,
    }
    one = notification(mail, S.SUCCEEDED, **fields)
    assert refusal(one) == R.SENT
    assert refusal(one, force=True) is None


def test_what_was_resent_waits_for_its_resend(completed: Order) -> None:
    for status in (S.NEW, S.SENDING, S.ACCEPTED, S.DELIVERED):
        old = notification(completed, S.FAILED)
        resent(old, status)
        assert refusal(old) == R.RESENT
        assert refusal(old, force=True) is None


def test_what_was_resent_in_vain_can_be_resent_again_from_either_end(completed: Order) -> None:
    first, second = notification(completed, S.FAILED), notification(completed, S.FAILED)
    again, once_more = (resent(old, S.FAILED) for old in (first, second))
    now = LATER + timedelta(hours=1)
    assert not resend([first.pk, once_more.pk], now=now).refused
    chosen = [first.pk, again.pk, second.pk, once_more.pk]
    now += timedelta(hours=1)
    assert plan(chosen, terms=Terms(), now=now).planned == []
    assert set(plan([again.pk, once_more.pk], terms=Terms(), now=now).refused.values()) == {
        R.RESENT
    }
    Notification.objects.filter(finished_at=None).update(
        status=S.FAILED, finished_at=now, expires_at=None
    )
    assert not plan([first.pk], terms=Terms(), now=now).refused
    assert not plan([again.pk], terms=Terms(), now=now).refused


def test_of_a_message_and_its_failed_resend_only_the_newer_is_resent(completed: Order) -> None:
    old = notification(completed, S.FAILED)
    newer = resent(old, S.FAILED)
    assert resend([old.pk, newer.pk], now=LATER).refused == {old.pk: R.NEWER_CHOSEN}
    assert resends_of(newer)
    assert resends_of(old) == [newer]


def test_the_other_addresses_of_an_organization_are_no_resends_of_each_other(
    completed: Order,
) -> None:
    nowhere = notification(completed, S.FAILED_RECIPIENT_NOT_IDENTIFIED, address="")
    resent(nowhere, S.DELIVERED)
    failed = resent(nowhere, S.FAILED)
    assert not resend([failed.pk], now=LATER + timedelta(hours=1)).refused


def test_held_and_stopped_orders_and_what_was_purged_are_left_alone(ttd: Creator) -> None:
    for fields, why in (
        ({"held_at": NOON}, R.HELD),
        ({"stopped_at": NOON}, R.STOPPED),
        ({"purged_at": NOON}, R.REMOVED),
    ):
        old = notification(processed_order(ttd, **fields), S.FAILED)
        assert refusal(old, force=True, override_reservation=True) == why


@pytest.mark.parametrize("to_address", ["", "+4799999998"])
def test_a_purge_that_is_not_done_yet_counts(completed: Order, to_address: str) -> None:
    """It empties the messages first. Nobody knows any more whose name belonged in the text."""
    old = notification(completed, S.FAILED, address="", normalized_address="")
    assert refusal(old, to_address=to_address, force=True) == R.REMOVED


def test_so_it_does_where_the_order_still_says_who_it_was(ttd: Creator) -> None:
    placed = in_a_chain(processed_order(ttd, recipients=[SUNNIVA], status="Completed"))
    old = notification(placed, S.FAILED, address="", normalized_address="", sent_at=NOON)
    assert refusal(old, force=True) == R.REMOVED


@pytest.mark.parametrize("status", [S.FAILED, S.FAILED_INVALID_SAS_URL, S.SUCCEEDED])
def test_an_email_whose_links_have_expired_is_not_resent(
    ttd: Creator, status: NotificationStatus
) -> None:
    made = processed_order(ttd, channel=Channel.EMAIL, type=OrderType.COMPOSED)
    old = notification(made, status, policy=SendingTimePolicy.FETCHED, now=NOON)
    assert refusal(old, force=True) == R.LINKS_GONE


def test_every_refusal_is_a_sentence() -> None:
    assert all(str(one.label).endswith(".") for one in Refusal)


# Where it goes


@pytest.mark.parametrize(
    ("given", "kept", "normalized"),
    [
        (" +47 91 00 00 01 ", "+4791000001", "+4791000001"),
        ("91 00 00 01", "+4791000001", "+4791000001"),
        ("0046701234567", "+46701234567", "+46701234567"),
    ],
)
def test_a_corrected_number_is_used_and_kept_in_international_form(
    completed: Order, given: str, kept: str, normalized: str
) -> None:
    old = notification(completed, S.FAILED_INVALID_RECIPIENT)
    assert refusal(old, to_address=given) is None
    made = the_resend_of(old)
    assert (made.address, made.normalized_address) == (kept, normalized)


def test_a_corrected_email_address_is_used(ttd: Creator) -> None:
    old = notification(processed_order(ttd, channel=Channel.EMAIL), S.FAILED_BOUNCED)
    assert refusal(old, to_address=" Kari@Example.com ") is None
    made = the_resend_of(old)
    assert (made.address, made.normalized_address) == ("Kari@Example.com", "kari@example.com")


def test_a_corrected_address_must_fit_the_channel(ttd: Creator, completed: Order) -> None:
    sms = notification(completed, S.FAILED)
    mail = notification(processed_order(ttd, channel=Channel.EMAIL), S.FAILED)
    for wrong in ("kari@example.com", "12345", "+4712345678", "+47 9999"):
        assert refusal(sms, to_address=wrong, force=True) == R.NO_NUMBER
    for wrong in ("+4799999999", "kari@", "a@b.no;c@d.no"):
        assert refusal(mail, to_address=wrong, force=True) == R.NO_EMAIL


def test_a_corrected_address_is_for_one_message_only(completed: Order) -> None:
    both = [notification(completed, S.FAILED).pk for _ in range(2)]
    done = resend(both, to_address="+4791000001", now=LATER)
    assert done == Resent([], dict.fromkeys(both, R.NOT_ALONE))


def test_a_person_is_reached_where_the_register_says_now(
    completed: Order, simulators: Simulators
) -> None:
    old = notification(completed, S.FAILED, national_identity_number=KARI)
    assert [one.address for one in plan([old.pk], terms=Terms(), now=LATER).planned] == [
        KARIS_NUMBER
    ]
    assert refusal(old) is None
    made = the_resend_of(old)
    assert (made.address, made.normalized_address) == (KARIS_NUMBER, KARIS_NUMBER)
    assert made.national_identity_number == KARI


def test_a_person_without_a_registered_address_is_reached_at_the_old_one(
    completed: Order, simulators: Simulators
) -> None:
    tordis: dict[str, Any] = {"national_identity_number": TORDIS_WITHOUT_CONTACT}
    old = notification(completed, S.FAILED, **tordis)
    nowhere = notification(completed, S.FAILED_RECIPIENT_NOT_IDENTIFIED, address="", **tordis)
    assert refusal(old) is None
    assert the_resend_of(old).address == "+4799999999"
    assert refusal(nowhere) == R.NO_ADDRESS
    assert refusal(nowhere, to_address="+4791000001") is None


@pytest.mark.parametrize("to_address", ["", "+4791000001"])
def test_who_is_reserved_is_left_in_peace_unless_that_is_overridden(
    ttd: Creator, simulators: Simulators, to_address: str
) -> None:
    simulators.add_person(RAKEL_RESERVED, mobileNumber="+4791000002", isReserved=True)
    rakel: dict[str, Any] = {"national_identity_number": RAKEL_RESERVED}
    usual = processed_order(ttd, status="Completed")
    ignoring = processed_order(ttd, status="Completed", ignore_reservation=True)
    old = notification(usual, S.FAILED_RECIPIENT_RESERVED, address="", **rakel)
    assert refusal(old, to_address=to_address, force=True) == R.RESERVED
    assert refusal(old, to_address=to_address, override_reservation=True) is None
    assert the_resend_of(old).address == (to_address or "+4791000002")
    assert refusal(notification(ignoring, S.FAILED, **rakel), to_address=to_address) is None


def test_an_organization_is_reached_where_it_was_or_else_at_all_its_addresses(
    completed: Order, simulators: Simulators
) -> None:
    numbers = ["+4791000001", "+4791000002"]
    simulators.add_organization(FJELLHEIM, mobileNumberList=numbers)
    company: dict[str, Any] = {"organization_number": FJELLHEIM}
    known = notification(completed, S.FAILED, **company)
    nowhere = notification(completed, S.FAILED_RECIPIENT_NOT_IDENTIFIED, address="", **company)
    done = resend([known.pk, nowhere.pk], now=LATER)
    assert len(done.ids) == 3
    assert the_resend_of(known).address == "+4799999999"
    assert sorted(made.address for made in resends_of(nowhere)) == numbers
    assert {made.organization_number for made in resends_of(nowhere)} == {FJELLHEIM}


def test_somebody_with_another_log_in_is_reached_where_the_register_says_now(
    ttd: Creator, simulators: Simulators
) -> None:
    placed = processed_order(
        ttd,
        channel=Channel.EMAIL,
        recipients=[SUNNIVA],
        status="Completed",
        email=EmailText("To $recipientName$", "Hello"),
    )
    known = notification(in_a_chain(placed), S.FAILED_BOUNCED)
    nowhere = notification(placed, S.FAILED_RECIPIENT_NOT_IDENTIFIED, address="")
    for old in (known, nowhere):
        assert refusal(old) is None
        made = the_resend_of(old)
        assert (made.address, made.subject) == ("sunniva@post.example", None)


def test_somebody_with_another_log_in_whom_nobody_knows_is_told_as_such(
    ttd: Creator, simulators: Simulators
) -> None:
    nobody = Addressee(external_identity="urn:altinn:party:username:nobody")
    placed = in_a_chain(processed_order(ttd, recipients=[nobody], status="Completed"))
    old = notification(placed, S.FAILED_RECIPIENT_NOT_IDENTIFIED, address="")
    assert refusal(old) == R.NO_ADDRESS
    assert refusal(old, to_address="+4791000001") is None


def test_nobody_is_looked_up_whose_address_the_sender_gave(
    completed: Order, simulators: Simulators
) -> None:
    simulators.fault("profile", "error500")
    old = notification(completed, S.FAILED)
    assert refusal(old) is None
    assert simulators.calls() == []


# Orders, summaries and the feed


def test_the_order_is_open_again_shown_as_completed_and_fed_twice(
    ttd: Creator, completed: Order
) -> None:
    Order.objects.update(status="Processed")
    old, delivered = (notification(completed, S.ACCEPTED) for _ in range(2))
    finish(old, S.FAILED_UNDELIVERED, now=NOON)
    finish(delivered, S.DELIVERED, now=NOON)
    assert list(StatusFeedEntry.objects.values_list("round", flat=True)) == [1]

    resend([old.pk], now=LATER)
    progress = order_status.of_order(creator=ttd, order_id=completed.pk)
    assert progress is not None
    assert (progress.order.status, progress.order.status_at) == ("Processed", LATER)
    assert status_texts.of_order(progress.order.status)[0] == "Completed"
    assert progress.tallies == {NotificationChannel.SMS: Tally(generated=3, succeeded=1)}
    summary = summaries.of_order(
        creator=ttd, order_id=completed.pk, channel=NotificationChannel.SMS
    )
    assert summary is not None
    told = [one.status for one in summary.notifications]
    assert sorted(told) == ["Delivered", "Failed_Undelivered", "New"]
    assert StatusFeedEntry.objects.count() == 1

    done_at = LATER + timedelta(minutes=1)
    finish(the_resend_of(old), S.DELIVERED, now=done_at)
    finish(the_resend_of(old), S.DELIVERED, now=done_at)
    completed.refresh_from_db()
    assert (completed.status, completed.status_at) == ("Completed", done_at)
    first, second = StatusFeedEntry.objects.order_by("sequence_number")
    assert (second.round, second.status, len(second.recipients)) == (2, "Completed", 3)
    assert len(first.recipients) == 2


def test_an_order_that_is_still_going_on_has_one_round(ttd: Creator) -> None:
    going_on = processed_order(ttd)
    open_one, failed = notification(going_on, S.ACCEPTED), notification(going_on, S.FAILED)
    resend([failed.pk], now=LATER)
    finish(open_one, S.DELIVERED, now=LATER)
    assert StatusFeedEntry.objects.count() == 0
    finish(the_resend_of(failed), S.FAILED, now=LATER)
    assert StatusFeedEntry.objects.get().round == 1


def test_an_order_that_is_still_being_expanded_goes_on_so(ttd: Creator) -> None:
    half = order(ttd, status="Processing")
    assert refusal(notification(half, S.FAILED)) is None
    half.refresh_from_db()
    assert half.status == "Processing"


# Many, and at the same moment


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifications.resend.resend.BATCH", 3)


def failed_persons(of: Order, count: int) -> list[UUID]:
    return [
        notification(of, S.FAILED, national_identity_number=one.national_identity_number).pk
        for one in people(count)
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("small_batches")
def test_whoever_was_interrupted_begins_again_and_nothing_is_lost_or_made_twice(
    completed: Order, simulators: Simulators
) -> None:
    ids = failed_persons(completed, 8)
    batches = resend_in_batches(ids, terms=Terms(), now=LATER)
    assert len(next(batches).ids) == 3
    simulators.fault("profile", "error500")
    with pytest.raises(RegisterUnavailable):
        next(batches)
    assert Notification.objects.filter(resend_of__in=ids).count() == 3
    simulators.fault("profile")
    done = resend(ids, now=LATER)
    assert (len(done.ids), list(done.refused.values())) == (5, [R.RESENT] * 3)
    assert {row.resend_of_id for row in resends_of(*ids)} == set(ids)
    assert len(resends_of(*ids)) == 8


@pytest.mark.django_db(transaction=True)
def test_a_batch_is_written_whole_or_not_at_all(
    completed: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [notification(completed, S.FAILED).pk for _ in range(3)]
    insert = rows.insert

    def die_after(*args: Any, **kwargs: Any) -> list[UUID]:
        insert(*args, **kwargs)
        raise KeyboardInterrupt

    monkeypatch.setattr(rows, "insert", die_after)
    with pytest.raises(KeyboardInterrupt):
        resend(ids, now=LATER)
    assert resends_of(*ids) == []
    assert Order.objects.get().status == "Completed"


@pytest.mark.django_db(transaction=True)
def test_no_connection_is_held_while_the_registers_are_asked(
    completed: Order, simulators: Simulators
) -> None:
    ids = failed_persons(completed, 2)
    simulators.fault("profile", latency_ms=700)
    worker = Worker(lambda: resend(ids, now=LATER))
    lent = []
    while worker.is_alive():
        pool = connection.pool.get_stats()  # type: ignore[attr-defined]
        lent.append(pool["pool_size"] - pool["pool_available"])
        worker.join(0.01)
    assert len(worker.result().ids) == 2
    # One is ours.
    assert len(lent) > 40
    assert sum(count > 1 for count in lent) < len(lent) / 4


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_make_one_message(
    completed: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = notification(completed, S.FAILED)
    beside = while_it_inserts(monkeypatch, lambda: resend([old.pk], now=LATER))
    assert len(resend([old.pk], now=LATER).ids) == 1
    assert beside[0].result() == Resent([], {old.pk: R.RESENT})
    assert len(resends_of(old)) == 1


@pytest.mark.django_db(transaction=True)
def test_the_old_one_and_its_resend_at_the_same_moment_make_one_message(
    completed: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = notification(completed, S.FAILED)
    newer = resent(old, S.FAILED, now=NOON + timedelta(minutes=1))
    beside = while_it_inserts(monkeypatch, lambda: resend([newer.pk], now=LATER))
    assert len(resend([old.pk], now=LATER).ids) == 1
    assert beside[0].result() == Resent([], {newer.pk: R.RESENT})


def while_it_inserts(monkeypatch: pytest.MonkeyPatch, job: Callable[[], Resent]) -> list[Worker]:
    """The first to insert stands still, locks in hand, until the other is judged, or waits."""
    insert = rows.insert
    beside: list[Worker] = []

    def slowly(*args: Any, **kwargs: Any) -> list[UUID]:
        if not beside:
            beside.append(Worker(job))
            beside[0].wait_until_blocked_or_done()
        return insert(*args, **kwargs)

    monkeypatch.setattr(rows, "insert", slowly)
    return beside


def test_what_is_delivered_after_all_while_others_are_looked_up_is_not_resent(
    completed: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost, failed = notification(completed, S.FAILED_TTL), notification(completed, S.FAILED)
    look_up = rendering.look_up

    def a_while(*args: Any, **kwargs: Any) -> Any:
        finish(lost, S.DELIVERED, now=LATER)
        return look_up(*args, **kwargs)

    monkeypatch.setattr(rendering, "look_up", a_while)
    done = resend([lost.pk, failed.pk], now=LATER)
    assert (len(done.ids), done.refused) == (1, {lost.pk: R.DELIVERED})


@pytest.mark.django_db(transaction=True)
def test_a_result_that_is_being_recorded_is_waited_for(completed: Order) -> None:
    lost = notification(completed, S.FAILED_TTL, sent_at=NOON)
    with transaction.atomic():
        finish(lost, S.DELIVERED, now=LATER)
        worker = Worker(lambda: resend([lost.pk], now=LATER))
        worker.wait_until_blocked_or_done()
        assert worker.is_alive()
    assert worker.result() == Resent([], {lost.pk: R.DELIVERED})


@pytest.mark.django_db(transaction=True)
def test_the_last_result_of_an_order_and_a_resend_never_complete_it_too_early(
    ttd: Creator,
) -> None:
    placed = processed_order(ttd)
    last, failed = notification(placed, S.ACCEPTED), notification(placed, S.FAILED)
    with transaction.atomic():
        finish(last, S.DELIVERED, now=LATER)
        worker = Worker(lambda: resend([failed.pk], now=LATER))
        worker.wait_until_blocked_or_done()
        assert worker.is_alive()
    worker.result()
    placed.refresh_from_db()
    assert placed.status == "Processed"
    finish(the_resend_of(failed), S.DELIVERED, now=LATER)
    assert list(StatusFeedEntry.objects.values_list("round", flat=True)) == [1, 2]


def test_a_thousand_cost_as_many_statements_as_ten(ttd: Creator, completed: Order) -> None:
    counts = []
    for count in (10, 1_000):
        row = notification(completed, S.FAILED)
        Notification.objects.bulk_create(
            Notification(**vars_of(row) | {"id": uuid4()}) for _ in range(count - 1)
        )
        failed = Notification.objects.failed_of_creator(ttd, since=NOON, before=LATER)
        ids = list(failed.values_list("pk", flat=True))
        with CaptureQueriesContext(connection) as queries:
            assert len(resend(ids, now=LATER).ids) == count
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12


def vars_of(row: Notification) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


# Which ones


def test_the_failed_ones_of_a_creator_without_those_that_were_resent(
    ttd: Creator, completed: Order
) -> None:
    failed = notification(completed, S.FAILED)
    once = notification(completed, S.FAILED_TTL)
    again = resent(once, S.FAILED)
    for status in (S.NEW, S.SENDING, S.ACCEPTED, S.DELIVERED):
        notification(completed, status)
    wanted = Notification.objects.failed_of_creator(
        ttd, since=NOON, before=LATER + timedelta(seconds=1)
    )
    assert set(wanted) == {failed, again}


def test_the_failed_ones_of_a_creator_in_a_period(
    ttd: Creator, skd: Creator, completed: Order
) -> None:
    minute = timedelta(minutes=1)
    first, second, last = (
        notification(completed, S.FAILED, now=NOON + n * minute) for n in (0, 1, 2)
    )
    resent(first, S.DELIVERED)
    notification(processed_order(skd), S.FAILED, now=NOON + minute)
    notification(completed, S.DELIVERED, now=NOON + minute)

    def found(since: datetime, before: datetime) -> list[Notification]:
        return list(Notification.objects.failed_of_creator(ttd, since=since, before=before))

    assert found(NOON, NOON + 2 * minute) == [second]
    assert found(NOON, NOON + 3 * minute) == [second, last]


def test_the_failed_ones_of_a_period_are_found_by_their_index(ttd: Creator) -> None:
    wanted = Notification.objects.failed_of_creator(ttd, since=NOON, before=LATER)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        found = wanted.explain()
    assert "notification_failed" in found
    assert "notification_resent" in found
