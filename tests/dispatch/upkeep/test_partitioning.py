"""Notifications are partitioned by month, and everything goes on as before."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from config.doctor import database
from dispatch.sending import claims
from dispatch.upkeep import months, partitioning, sweep
from notifications.models import Notification, NotificationChannel, NotificationStatus
from notifications.results.record import Result, record
from orders.models import Creator, OrderStatus
from runtime.database import sql
from runtime.findings import Verdict
from runtime.uuid7 import lowest_at
from tests.building import notification, processed_order

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FIRST = datetime(2026, 12, 1, tzinfo=UTC)


def partition(*, first: datetime | None = FIRST, now: datetime = NOW) -> list[str]:
    """What the steps said."""
    sql.change("SET CONSTRAINTS ALL IMMEDIATE")
    said = []
    for step in partitioning.steps(now=now, first=first):
        step.run()
        said.append(step.says)
    return said


def far_off() -> datetime:
    """No notification of these tests is made so late."""
    return months.first_of(datetime.now(UTC).date(), months=3)


def command(*words: str) -> str:
    out = StringIO()
    call_command("partition", "--by-month", *words, stdout=out)
    return out.getvalue()


def shape() -> dict[str, set[object]]:
    """What migrations know of the table by name."""
    table = {"table": "notifications_notification"}
    return {
        "columns": set(sql.rows(COLUMNS, **table)),
        "indexes": set(sql.rows(INDEXES, **table)),
        "constraints": set(sql.rows(CONSTRAINTS, **table)),
    }


COLUMNS = """
SELECT column_name, data_type, is_nullable, column_default FROM information_schema.columns
WHERE table_name = %(table)s
"""
# How a predicate is written depends on how it was read; that of each partition must still fit.
INDEXES = r"""
SELECT indexname,
    regexp_replace(indexdef, '[][()]|::character varying|::text| ON ONLY| ON', '', 'g')
FROM pg_indexes
WHERE tablename = %(table)s
"""
CONSTRAINTS = """
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = %(table)s::regclass AND contype <> 'f'
"""


def test_the_table_keeps_its_columns_indexes_and_constraints_by_name(ttd: Creator) -> None:
    before = shape()
    partition(first=far_off())
    assert shape() == before


def test_nothing_that_was_there_moves_or_is_lost(ttd: Creator) -> None:
    processed_order(ttd, NotificationStatus.NEW, NotificationStatus.DELIVERED)
    before = list(Notification.objects.order_by("id").values())
    partition(first=far_off())
    assert list(Notification.objects.order_by("id").values()) == before
    first = f"notifications_notification_until_{far_off():%Y_%m}"
    assert sql.rows("SELECT DISTINCT tableoid::regclass::text FROM notifications_notification") == [
        (first,)
    ]


def test_an_order_of_two_months_is_sent_and_completed(ttd: Creator) -> None:
    partition(first=far_off())
    months.keep(now=far_off())
    order = processed_order(ttd, NotificationStatus.NEW)
    of_later_month = UUID(int=lowest_at(far_off() + timedelta(days=40)).int + 1)
    later = notification(order, NotificationStatus.NEW, id=of_later_month)
    now = later.next_attempt_at
    claimed = claims.claim(NotificationChannel.SMS, limit=10, now=now)
    assert len(claimed) == 2
    results = [
        Result(
            one.message.notification_id,
            NotificationStatus.DELIVERED,
            finished=True,
            lease_token=one.lease_token,
        )
        for one in claimed
    ]
    assert len(record(results, now=now)) == 2
    order.refresh_from_db()
    assert order.status == OrderStatus.COMPLETED
    assert sweep.return_lapsed(now=now) == 0


@pytest.mark.parametrize("taken", [1, 2, 3])
def test_a_run_that_was_cut_short_goes_on_where_it_ended(ttd: Creator, taken: int) -> None:
    now = datetime.now(UTC)
    for _, step in zip(range(taken), partitioning.steps(now=now), strict=False):
        step.run()
    left = partition(first=None, now=now)
    assert len(left) in (4 - taken, 0)
    assert months.months()


def test_of_two_runs_at_a_time_one_does_it(ttd: Creator) -> None:
    one = partitioning.steps(now=NOW, first=FIRST)
    for _, step in zip(range(2), one, strict=False):
        step.run()
    last = next(one)
    partition()
    before = months.months()
    last.run()
    assert months.months() == before


def test_the_doctor_tells_of_a_run_that_was_cut_short(ttd: Creator) -> None:
    now = datetime.now(UTC)
    assert database._months([], now=now).verdict is Verdict.OK
    next(iter(partitioning.steps(now=now))).run()
    left = database._months([], now=now)
    assert left.verdict is Verdict.FAILED
    assert f"{partitioning.promised_until():%Y-%m-01}" in left.says


def test_a_promise_that_is_about_to_end_is_made_anew(ttd: Creator) -> None:
    now = datetime.now(UTC)
    step = next(iter(partitioning.steps(now=now, first=now + timedelta(hours=1))))
    step.run()
    said = partition(first=None, now=now)
    assert said[0].startswith("The last run left a promise")
    assert months.months()[0].ends > now + timedelta(days=6)


def test_a_dry_run_says_the_steps_and_takes_none(ttd: Creator) -> None:
    said = command()
    assert "1. The table promises" in said
    assert "Nothing was done." in said
    assert not months.months()


def test_the_command_partitions_makes_the_months_to_come_and_is_safe_to_repeat(
    ttd: Creator,
) -> None:
    said = command("--apply")
    assert "Others hold a lock" not in said
    assert len(months.months()) >= 1 + months.AHEAD
    assert "They are partitioned already." in command("--apply")


@pytest.mark.parametrize(
    ("obstacle", "why"),
    [
        ("CREATE VIEW of_all AS SELECT id FROM notifications_notification", "Views"),
        (
            "CREATE TRIGGER refused BEFORE UPDATE ON notifications_notification"
            " FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
            "triggers",
        ),
        (
            "CREATE ROLE other; GRANT SELECT ON notifications_notification TO other;"
            " SET LOCAL ROLE other",
            "owner",
        ),
    ],
)
def test_what_would_be_lost_is_in_the_way(ttd: Creator, obstacle: str, why: str) -> None:
    with connection.cursor() as cursor:
        for statement in obstacle.split("; "):
            cursor.execute(statement)
    with pytest.raises(CommandError, match=why):
        command("--apply")


def test_an_older_postgresql_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    version: Callable[[], int] = lambda: 16_04_00  # noqa: E731
    monkeypatch.setattr(partitioning, "server_version", version)
    with pytest.raises(CommandError, match="PostgreSQL 17"):
        command("--apply")


def test_whoever_could_read_the_table_still_can(ttd: Creator) -> None:
    sql.change("CREATE ROLE reporting")
    sql.change("GRANT SELECT ON notifications_notification TO reporting")
    partition(first=far_off())
    sql.change("SET LOCAL ROLE reporting")
    assert sql.rows("SELECT count(*) FROM notifications_notification") == [(0,)]
    sql.change("RESET ROLE")
