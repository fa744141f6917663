"""However many are resent, by whomever, at the same moment: once each."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from notifications.models import Notification, StatusFeedEntry
from notifications.resend import rendering, rows
from notifications.resend.eligibility import Terms
from notifications.resend.resend import Resent, resend_in_batches
from orders.models import Creator, Order
from recipients.registers import RegisterUnavailable
from script.launcher.system.simulators import Simulators
from tests.building import NOON, notification, people, processed_order
from tests.notifications.conftest import Worker
from tests.notifications.resend.resends import (
    LATER,
    R,
    S,
    finish,
    resends_of,
    resent,
    the_resend_of,
)
from tests.resending import resend

pytestmark = pytest.mark.django_db


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
    assert len(lent) > 4
    assert sum(count > 1 for count in lent) < len(lent) / 4


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_make_one_notification(
    completed: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = notification(completed, S.FAILED)
    beside = while_it_inserts(monkeypatch, lambda: resend([old.pk], now=LATER))
    assert len(resend([old.pk], now=LATER).ids) == 1
    assert beside[0].result() == Resent([], {old.pk: R.RESENT})
    assert len(resends_of(old)) == 1


@pytest.mark.django_db(transaction=True)
def test_the_old_one_and_its_resend_at_the_same_moment_make_one_notification(
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
