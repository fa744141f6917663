"""What waits is counted as it is, at a cost that a large table does not raise."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from dispatch.models import DeliveryReport
from dispatch.monitoring import backlog
from dispatch.monitoring.backlog import Backlog, Sending, WaitingOrders
from notifications.models import NotificationChannel, NotificationStatus
from notifications.results import feed
from orders import holding
from orders.models import Channel, Creator, SendingTimePolicy
from tests.building import NOON, notification, order, processed_order

pytestmark = pytest.mark.django_db
S = NotificationStatus
SMS, EMAIL = NotificationChannel.SMS, NotificationChannel.EMAIL
HOUR = timedelta(hours=1)


def test_the_backlog_is_told_by_channel_and_creator_with_how_late_it_is(
    ttd: Creator, skd: Creator
) -> None:
    texts = processed_order(ttd, S.NEW, S.NEW, S.SENDING, S.ACCEPTED, S.DELIVERED)
    notification(texts, next_attempt_at=NOON - HOUR, policy=SendingTimePolicy.ANYTIME)
    notification(texts, is_held=True)
    processed_order(skd, S.NEW, channel=Channel.EMAIL)
    found = backlog.backlogs(now=NOON + HOUR)
    assert sorted(found, key=lambda one: one.creator) == [
        Backlog(EMAIL, "skd", 1, HOUR),
        Backlog(SMS, "ttd", 3, 2 * HOUR),
    ]


def test_what_waits_for_its_send_window_is_not_late(ttd: Creator) -> None:
    evening, nine = NOON + 10 * HOUR, NOON + 21 * HOUR
    notification(processed_order(ttd), next_attempt_at=evening)
    assert [one.late for one in backlog.backlogs(now=nine - HOUR)] == [timedelta()]
    assert [one.late for one in backlog.backlogs(now=nine + HOUR)] == [HOUR]


def test_what_should_have_left_before_the_window_closed_is_late_all_night(ttd: Creator) -> None:
    processed_order(ttd, S.NEW)
    assert [one.late for one in backlog.backlogs(now=NOON + 10 * HOUR)] == [10 * HOUR]


def test_a_large_backlog_is_counted_up_to_a_bound(
    ttd: Creator, skd: Creator, monkeypatch: pytest.MonkeyPatch
) -> None:
    processed_order(ttd, *[S.NEW] * 7)
    processed_order(skd, S.NEW)
    monkeypatch.setattr(backlog, "MAX_COUNTED", 6)
    assert {one.creator: one.notifications for one in backlog.backlogs(now=NOON)} == {
        "ttd": 3,
        "skd": 1,
    }


def test_notifications_in_flight_are_told_with_those_whose_worker_died(ttd: Creator) -> None:
    sent = processed_order(ttd, S.SENDING, S.SENDING)
    notification(sent, S.SENDING, lease_until=NOON - HOUR)
    assert backlog.sending(now=NOON) == [Sending(SMS, notifications=3, overdue=1)]


def test_orders_are_told_by_what_they_wait_for(ttd: Creator, skd: Creator) -> None:
    order(ttd)
    order(skd, awaits_condition=True, next_attempt_at=NOON - HOUR)
    order(ttd, status="Processing", attempts=2, next_attempt_at=NOON + HOUR / 4)
    order(
        skd,
        status="Processing",
        attempts=1,
        next_attempt_at=NOON + HOUR / 60,
        lease_token="0195d3a0-7c1e-7b0a-9f6e-3d1c2b4a5e6f",
    )
    order(ttd, requested_send_time=NOON + 24 * HOUR)
    order(ttd, held_at=NOON)
    processed_order(ttd)
    assert backlog.waiting_orders(now=NOON) == WaitingOrders(
        due=2, in_work=1, backing_off=1, late=HOUR
    )
    holding.hold_new_orders(skd, now=NOON)
    found = backlog.figures(now=NOON)
    assert (found.orders_held, found.owners_held) == (1, 1)


def test_nothing_is_told_where_nothing_is() -> None:
    assert backlog.backlogs(now=NOON) == []
    assert backlog.waiting_orders(now=NOON) == WaitingOrders(0, 0, 0, timedelta())
    found = backlog.figures(now=NOON)
    assert (found.first_expiry, found.feed_number, found.feed_entered) == (None, 0, None)


def test_the_single_figures_are_those_of_the_rows(ttd: Creator) -> None:
    done = processed_order(ttd, S.NEW, S.DELIVERED)
    notification(done, S.ACCEPTED, expires_at=NOON + HOUR)
    feed.publish([done.pk], now=NOON)
    for state, received in (("Waiting", NOON), ("Dead", NOON), ("Dead", NOON - 48 * HOUR)):
        DeliveryReport.objects.create(
            channel=SMS,
            reference="r",
            status="Delivered",
            report={},
            received=received,
            state=state,
            next_attempt_at=received,
        )
    found = backlog.figures(now=NOON)
    assert found.first_expiry == NOON + HOUR
    assert (found.reports_waiting, found.reports_waiting_since) == (1, NOON)
    assert found.reports_dead == 1
    assert found.feed_number > 0
    assert found.feed_entered == NOON
    assert found.connections_allowed > found.feed_writers_waiting == 0
    assert backlog.connections()["active"] >= 1


@pytest.mark.parametrize(
    "question",
    [backlog.backlogs, backlog.sending, backlog.waiting_orders, backlog.figures],
    ids=lambda question: question.__name__,
)
def test_no_question_reads_a_whole_table(question: Callable[..., Any], ttd: Creator) -> None:
    processed_order(ttd, S.NEW, S.SENDING)
    with connection.cursor() as cursor:
        # Tables of a test are so small that the planner would read them whole by choice.
        cursor.execute("SET LOCAL enable_seqscan = off")
        # A whole index in the wrong order is no better.
        cursor.execute("SET LOCAL enable_sort = off")
    plans: list[str] = []

    def explain(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        with connection.connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {sql}", params)
            plans.append("\n".join(line for (line,) in cursor.fetchall()))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        question(now=NOON)
    assert plans
    for plan in plans:
        # Service owners are few, and the table has nothing that the question does not ask.
        assert "Seq Scan" not in plan.replace("Seq Scan on orders_creator ", ""), plan
        assert "Sort" not in plan, plan
