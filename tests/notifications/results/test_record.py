"""What became of messages is recorded by rank, and completes their orders, whoever comes last."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import product
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries

from dispatch.upkeep import sweep
from notifications.models import (
    Notification,
    NotificationStatus,
    StatusFeedEntry,
)
from notifications.results.record import MAX_REOPENED, Result, record
from orders.models import Channel, Creator, Order
from tests.building import NOON, ids, notification, order, processed_order
from tests.notifications.conftest import TIMEOUT, Worker

S = NotificationStatus
LATER = NOON + timedelta(minutes=5)
SECOND = timedelta(seconds=1)


def result(
    of: Notification | UUID,
    status: NotificationStatus = S.DELIVERED,
    *,
    lease_token: UUID | None = None,
    finished: bool | None = None,
    reason: str = "",
    gateway_reference: str | None = None,
) -> Result:
    return Result(
        of.pk if isinstance(of, Notification) else of,
        status,
        finished=status.is_final if finished is None else finished,
        reason=reason,
        lease_token=lease_token,
        gateway_reference=gateway_reference,
    )


def messages(of: Order) -> list[Notification]:
    return list(Notification.objects.filter(order=of).order_by("id"))


def status_of(one: Notification) -> str:
    return Notification.objects.get(pk=one.pk).status


def is_complete(of: Order) -> bool:
    """With exactly one entry in the feed if it is, and none if it is not."""
    entries = StatusFeedEntry.objects.filter(order=of).count()
    completed = Order.objects.get(pk=of.pk).status == "Completed"
    assert entries == int(completed)
    return completed


@pytest.mark.parametrize(
    ("known", "told", "stays"),
    [
        (S.SENDING, S.ACCEPTED, S.ACCEPTED),
        (S.SENDING, S.DELIVERED, S.DELIVERED),
        (S.SENDING, S.FAILED_TTL, S.FAILED_TTL),
        (S.NEW, S.DELIVERED, S.DELIVERED),  # a report for a message whose lease had lapsed
        (S.NEW, S.ACCEPTED, S.ACCEPTED),
        (S.ACCEPTED, S.DELIVERED, S.DELIVERED),
        (S.ACCEPTED, S.FAILED_UNDELIVERED, S.FAILED_UNDELIVERED),
        (S.ACCEPTED, S.ACCEPTED, S.ACCEPTED),
        (S.ACCEPTED, S.SENDING, S.ACCEPTED),
        (S.ACCEPTED, S.NEW, S.ACCEPTED),
        (S.DELIVERED, S.ACCEPTED, S.DELIVERED),
        (S.DELIVERED, S.FAILED_UNDELIVERED, S.DELIVERED),
        (S.DELIVERED, S.FAILED_TTL, S.DELIVERED),
        (S.FAILED_UNDELIVERED, S.DELIVERED, S.FAILED_UNDELIVERED),
        (S.FAILED_UNDELIVERED, S.FAILED_TTL, S.FAILED_UNDELIVERED),
        (S.FAILED_TTL, S.DELIVERED, S.DELIVERED),
        (S.FAILED_TTL, S.FAILED_EXPIRED, S.FAILED_EXPIRED),
        (S.FAILED_TTL, S.FAILED, S.FAILED),
        (S.FAILED_TTL, S.ACCEPTED, S.FAILED_TTL),
        (S.FAILED, S.DELIVERED, S.FAILED),
    ],
)
def test_a_result_never_replaces_one_of_the_same_or_a_higher_rank(
    ttd: Creator, known: NotificationStatus, told: NotificationStatus, stays: NotificationStatus
) -> None:
    one = notification(processed_order(ttd), known)
    changed = record([result(one, told)], now=LATER)
    assert status_of(one) == stays
    assert changed == ({one.pk} if stays != known else set())
    one.refresh_from_db()
    assert one.status_at == (LATER if changed else NOON)


def test_a_result_without_reports_to_come_ends_the_notification_until_more_is_known(
    ttd: Creator,
) -> None:
    """Plain SMTP says Succeeded and nothing more; what a report says is better knowledge."""
    mail = processed_order(ttd, channel=Channel.EMAIL)
    one = notification(mail, S.SENDING)
    record([result(one, S.SUCCEEDED, finished=True)], now=LATER)
    assert is_complete(mail)
    assert record([result(one, S.FAILED_BOUNCED)], now=LATER + SECOND) == {one.pk}
    assert status_of(one) == "Failed_Bounced"


def test_a_result_with_reports_to_come_leaves_the_notification_open(ttd: Creator) -> None:
    mail = processed_order(ttd, channel=Channel.EMAIL)
    one = notification(mail, S.SENDING)
    record([result(one, S.SUCCEEDED)], now=LATER)
    one.refresh_from_db()
    assert (one.finished_at, one.expires_at) == (None, NOON + timedelta(hours=48))
    assert (one.sent_at, one.lease_until, one.lease_token) == (LATER, None, None)
    assert not is_complete(mail)
    record([result(one, S.FAILED_BOUNCED)], now=LATER + SECOND)
    one.refresh_from_db()
    assert (one.finished_at, one.expires_at, one.sent_at) == (LATER + SECOND, None, LATER)
    assert is_complete(mail)


def test_a_result_brings_its_reason_and_the_gateways_reference(ttd: Creator) -> None:
    one = notification(processed_order(ttd), S.SENDING, reason="An earlier try failed.")
    record([result(one, S.ACCEPTED, gateway_reference="42")], now=LATER)
    one.refresh_from_db()
    assert (one.gateway_reference, one.reason) == ("42", "An earlier try failed.")
    record([result(one, S.FAILED_UNDELIVERED, reason="The phone is off.")], now=LATER)
    one.refresh_from_db()
    assert (one.gateway_reference, one.reason) == ("42", "The phone is off.")


def test_whoever_lost_the_lease_writes_nothing(ttd: Creator) -> None:
    lapsed = uuid4()
    placed = processed_order(ttd)
    again = notification(placed, S.SENDING)
    back = notification(placed, S.NEW)
    late = [result(one, S.ACCEPTED, lease_token=lapsed) for one in (again, back)]
    assert record(late, now=LATER) == set()
    assert (status_of(again), status_of(back)) == ("Sending", "New")
    assert again.lease_token is not None
    holder = result(again, S.ACCEPTED, lease_token=again.lease_token)
    assert record([holder], now=LATER) == {again.pk}


def test_a_delivery_report_needs_no_lease(ttd: Creator) -> None:
    one = notification(processed_order(ttd), S.SENDING)
    assert record([result(one, S.DELIVERED)], now=LATER) == {one.pk}


def test_a_send_result_after_the_delivery_report_changes_nothing(ttd: Creator) -> None:
    one = notification(processed_order(ttd), S.SENDING)
    token = one.lease_token
    record([result(one, S.DELIVERED)], now=LATER)
    assert record([result(one, S.ACCEPTED, lease_token=token)], now=LATER) == set()
    assert status_of(one) == "Delivered"


@pytest.mark.parametrize("reverse", [False, True])
def test_of_two_results_in_one_call_the_higher_wins(ttd: Creator, reverse: bool) -> None:
    one = notification(processed_order(ttd), S.SENDING)
    both = [result(one, S.ACCEPTED), result(one, S.DELIVERED)]
    record(both[::-1] if reverse else both, now=LATER)
    assert status_of(one) == "Delivered"


def test_results_of_notifications_that_do_not_exist_change_nothing(ttd: Creator) -> None:
    one = notification(processed_order(ttd), S.SENDING)
    assert record([result(uuid4()), result(one)], now=LATER) == {one.pk}
    assert record([], now=LATER) == set()


def test_an_order_completes_with_its_last_notification(ttd: Creator) -> None:
    placed = processed_order(ttd, S.FAILED)
    sending, accepted = notification(placed, S.SENDING), notification(placed, S.ACCEPTED)
    record([result(sending, S.ACCEPTED)], now=NOON + 1 * SECOND)
    assert not is_complete(placed)
    record([result(sending, S.DELIVERED)], now=NOON + 2 * SECOND)
    assert not is_complete(placed)
    record([result(accepted, S.FAILED_EXPIRED)], now=NOON + 3 * SECOND)
    assert is_complete(placed)
    placed.refresh_from_db()
    assert placed.status_at == NOON + 3 * SECOND


@pytest.mark.parametrize(
    "status", ["Registered", "Processing", "Cancelled", "SendConditionNotMet", "Completed"]
)
def test_only_a_processed_order_completes(ttd: Creator, status: str) -> None:
    placed = order(ttd, status=status)
    record([result(notification(placed, S.SENDING))], now=LATER)
    assert Order.objects.get(pk=placed.pk).status == status
    assert not StatusFeedEntry.objects.exists()


def feed_of(placed: Order) -> list[tuple[int, list[str]]]:
    """The round of each entry, and the statuses it tells of."""
    entries = StatusFeedEntry.objects.filter(order=placed).order_by("sequence_number")
    return [(one.round, [said["status"] for said in one.recipients]) for one in entries]


UNKNOWN = "Nobody knows"  # a Failed that only says that nothing is known
# By what each tells: of those that tell as much the first stays.
KNOWLEDGE: dict[str, int] = {
    "Accepted": 2,
    "Succeeded": 2,
    UNKNOWN: 3,
    "Failed_TTL": 3,
    "Failed_Undelivered": 4,
    "Failed": 4,
    "Delivered": 4,
    "Failed_Bounced": 5,
}
SMS_WORDS = ("Accepted", UNKNOWN, "Failed_TTL", "Failed_Undelivered", "Delivered")
EMAIL_WORDS = ("Succeeded", UNKNOWN, "Failed", "Delivered", "Failed_Bounced")
HISTORIES = [
    (channel, words)
    for channel, known in ((Channel.SMS, SMS_WORDS), (Channel.EMAIL, EMAIL_WORDS))
    for words in product(known, repeat=3)
]


def said(one: Notification, word: str) -> Result:
    if word == UNKNOWN:
        return replace(result(one, S.FAILED, reason=UNKNOWN), is_uncertain=True)
    return result(one, S(word), reason=f"It is {word}.")


@pytest.mark.parametrize("at_once", [False, True])
def test_whatever_the_order_the_better_knowledge_stays_and_the_feed_tells_each_change(
    ttd: Creator, at_once: bool
) -> None:
    """Case 18, for every history of three results, each alone or all in one call."""
    for channel, words in HISTORIES:
        placed = processed_order(ttd, channel=channel)
        one = notification(placed, S.SENDING)
        if at_once:
            record([said(one, word) for word in words], now=LATER)
        else:
            for number, word in enumerate(words):
                record([said(one, word)], now=LATER + number * SECOND)
        changes = [words[0]]
        for word in words[1:]:
            if KNOWLEDGE[word] > KNOWLEDGE[changes[-1]]:
                changes.append(word)
        one.refresh_from_db()
        last = changes[-1]
        expected = ("Failed", True) if last == UNKNOWN else (last, False)
        assert (one.status, one.is_uncertain) == expected, words
        assert one.reason == (UNKNOWN if last == UNKNOWN else f"It is {last}."), words
        told = [w for w in ([last] if at_once else changes) if KNOWLEDGE[w] > 2]
        as_shown = [["Failed" if word == UNKNOWN else word] for word in told]
        assert feed_of(placed) == list(enumerate(as_shown, start=1)), words
        placed.refresh_from_db()
        assert placed.status == ("Completed" if told else "Processed"), words


def test_the_reason_of_what_is_replaced_goes_with_it(ttd: Creator) -> None:
    one = notification(processed_order(ttd), S.FAILED_TTL, reason="No report came.")
    record([result(one, S.DELIVERED)], now=LATER)
    one.refresh_from_db()
    assert (one.status, one.reason, one.finished_at) == ("Delivered", "", LATER)


def test_an_order_that_is_sent_again_waits_for_its_new_notifications_before_it_is_told_of(
    ttd: Creator,
) -> None:
    placed = processed_order(ttd)
    lost, new = notification(placed, S.FAILED_TTL), notification(placed, S.SENDING)
    record([result(lost, S.DELIVERED)], now=LATER)
    assert feed_of(placed) == []
    record([result(new, S.DELIVERED)], now=LATER + SECOND)
    assert feed_of(placed) == [(1, ["Delivered", "Delivered"])]


def test_late_reports_of_a_large_order_make_one_entry_of_the_feed(ttd: Creator) -> None:
    """Each entry lists every message of the order: one for each report would be their square."""
    placed = processed_order(ttd, *[S.FAILED_TTL] * (MAX_REOPENED + 1), status="Completed")
    small = processed_order(ttd, *[S.FAILED_TTL] * MAX_REOPENED, status="Completed")
    for number in range(3):
        for of in (placed, small):
            late = messages(of)[number]
            record([result(late, S.DELIVERED)], now=LATER + number * SECOND)
    assert (len(feed_of(placed)), len(feed_of(small))) == (0, 3)
    placed.refresh_from_db()
    assert (placed.status, placed.status_at) == ("Processed", LATER)
    assert sweep.complete(now=LATER + sweep.SETTLED + SECOND) == 1
    ((_, told),) = feed_of(placed)
    assert told.count("Delivered") == 3


def test_results_of_many_orders_are_recorded_by_the_same_few_queries(
    ttd: Creator, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    orders = [processed_order(ttd, S.ACCEPTED, S.ACCEPTED) for _ in range(50)]
    everything = [result(one) for placed in orders for one in messages(placed)]
    # The results, locking the orders, completing them, the feed's lock, the feed, two savepoints.
    with django_assert_num_queries(7):
        assert len(record(everything, now=LATER)) == 100
    assert all(is_complete(placed) for placed in orders)
    assert StatusFeedEntry.objects.count() == 50


def test_nothing_final_means_no_question_of_completion(
    ttd: Creator, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    one = notification(processed_order(ttd), S.SENDING)
    with django_assert_num_queries(3):  # the results and two savepoints
        record([result(one, S.ACCEPTED)], now=LATER)


# Several recorders at once, each in a transaction of its own


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("reverse", [False, True], ids=["first then second", "second then first"])
def test_an_order_completes_once_when_its_last_two_notifications_end_at_once(
    ttd: Creator, reverse: bool
) -> None:
    """Both have written their result and wait to look at the order, which a third one holds."""
    placed = processed_order(ttd, S.ACCEPTED, S.ACCEPTED)
    last_two = messages(placed)[::-1] if reverse else messages(placed)
    with transaction.atomic():
        Order.objects.select_for_update().get(pk=placed.pk)
        workers = []
        for count, one in enumerate(last_two, start=1):
            workers.append(Worker(recording(one)))
            workers[-1].wait_until_blocked_or_done(blocked=count)
    assert [worker.result() for worker in workers] == [{one.pk} for one in last_two]
    assert is_complete(placed)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("reverse", [False, True], ids=["first then second", "second then first"])
def test_an_order_completes_when_one_result_comes_while_the_other_is_not_committed(
    ttd: Creator, reverse: bool
) -> None:
    placed = processed_order(ttd, S.ACCEPTED, S.ACCEPTED)
    one, other = messages(placed)[::-1] if reverse else messages(placed)
    with transaction.atomic():
        record([result(one)], now=LATER)
        worker = Worker(recording(other))
        worker.wait_until_blocked_or_done()
    worker.result()
    assert is_complete(placed)


@pytest.mark.django_db(transaction=True)
def test_an_order_completes_when_the_other_result_is_taken_back(ttd: Creator) -> None:
    """A recorder that fails at the very end must not keep the order from its completion later."""
    placed = processed_order(ttd, S.ACCEPTED, S.ACCEPTED)
    one, other = messages(placed)
    with transaction.atomic():
        record([result(one)], now=LATER)
        worker = Worker(recording(other))
        worker.wait_until_blocked_or_done()
        transaction.set_rollback(True)
    worker.result()
    assert not is_complete(placed)
    record([result(one)], now=LATER)
    assert is_complete(placed)


@pytest.mark.django_db(transaction=True)
def test_of_two_results_for_one_notification_at_once_the_first_committed_final_one_stays(
    ttd: Creator,
) -> None:
    placed = processed_order(ttd, S.ACCEPTED)
    (one,) = messages(placed)
    with transaction.atomic():
        record([result(one, S.FAILED_UNDELIVERED)], now=LATER)
        worker = Worker(recording(one))
        worker.wait_until_blocked_or_done()
    assert worker.result() == set()
    assert status_of(one) == "Failed_Undelivered"
    assert is_complete(placed)


@pytest.mark.django_db(transaction=True)
def test_a_report_overtakes_the_send_result_that_is_being_recorded(ttd: Creator) -> None:
    placed = processed_order(ttd, S.SENDING)
    (one,) = messages(placed)
    with transaction.atomic():
        record([result(one, S.ACCEPTED, lease_token=one.lease_token)], now=LATER)
        worker = Worker(recording(one))
        worker.wait_until_blocked_or_done()
    assert worker.result() == {one.pk}
    assert status_of(one) == "Delivered"
    assert is_complete(placed)


@pytest.mark.django_db(transaction=True)
def test_recorders_of_the_same_notifications_in_opposite_order_do_not_block_each_other_for_ever(
    ttd: Creator,
) -> None:
    """Both come to a message that a third one holds; neither may hold the other message by then."""
    placed = processed_order(ttd, S.SENDING, S.SENDING)
    first, second = messages(placed)

    def as_in_a_large_table(*told: Result) -> Callable[[], set[UUID]]:
        def job() -> set[UUID]:
            with transaction.atomic(), connection.cursor() as cursor:
                # Row by row, as PostgreSQL would go about it if there were many rows.
                for plan in ("seqscan", "hashjoin", "mergejoin", "material"):
                    cursor.execute(f"SET LOCAL enable_{plan} = off")
                return record(told, now=LATER)

        return job

    with transaction.atomic():
        Notification.objects.select_for_update().get(pk=first.pk)
        one = Worker(as_in_a_large_table(result(first), result(second)))
        one.wait_until_blocked_or_done()
        other = Worker(as_in_a_large_table(result(second), result(first)))
        other.wait_until_blocked_or_done(blocked=2)
    assert one.result() == {first.pk, second.pk}
    assert other.result() == set()
    assert is_complete(placed)


@pytest.mark.django_db(transaction=True)
def test_recorders_of_overlapping_notifications_record_each_once(ttd: Creator) -> None:
    orders = [processed_order(ttd, *[S.SENDING] * 5) for _ in range(40)]
    everything = ids(list(Notification.objects.all()))
    for status in (S.ACCEPTED, S.DELIVERED):
        start = threading.Barrier(4)
        told = [result(one, status) for one in everything]
        jobs = [recording_all(start, told[turn:] + told[:turn]) for turn in (0, 50, 100, 150)]
        changed = [worker.result() for worker in [Worker(job) for job in jobs]]
        assert sum(map(len, changed)) == len(everything)
    assert all(is_complete(placed) for placed in orders)


@pytest.mark.django_db(transaction=True)
def test_recorders_of_different_notifications_complete_each_order_once(ttd: Creator) -> None:
    orders = [processed_order(ttd, *[S.ACCEPTED] * 4) for _ in range(50)]
    start = threading.Barrier(4)
    shares = zip(*(messages(placed) for placed in orders), strict=True)
    jobs = [recording_all(start, [result(one) for one in share]) for share in shares]
    for worker in [Worker(job) for job in jobs]:
        assert len(worker.result()) == 50
    assert all(is_complete(placed) for placed in orders)


def recording(one: Notification) -> Callable[[], set[UUID]]:
    return lambda: record([result(one)], now=LATER)


def recording_all(start: threading.Barrier, told: list[Result]) -> Callable[[], set[UUID]]:
    def job() -> set[UUID]:
        start.wait(TIMEOUT)
        return record(told, now=LATER)

    return job
