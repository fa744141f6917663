"""Months are made before they begin, sealed when they are over, and detached when they are old."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import LazySettings
from django.db import DatabaseError, connection, transaction

from bench.plans import nodes, plan_of
from config.doctor import database
from dispatch.models import Attempt
from dispatch.sending import claims
from dispatch.upkeep import months, partitioning
from dispatch.upkeep.months import Kept
from notifications.models import CountedHour, Notification, NotificationChannel, NotificationStatus
from orders.models import Creator
from runtime.database import sql
from runtime.findings import Verdict
from runtime.uuid7 import lowest_at
from tests.building import NOON, notification, processed_order

pytestmark = pytest.mark.django_db

JANUARY, FEBRUARY, MARCH, APRIL = (datetime(2023, month, 1, tzinfo=UTC) for month in range(1, 5))
Execute = Callable[..., object]
GRANTS = Path(__file__).parents[3] / "deploy" / "roles.sql"


@pytest.fixture
def partitioned(ttd: Creator) -> Creator:
    """From January 2023 on, as if it were February."""
    for step in partitioning.steps(now=JANUARY, first=JANUARY):
        step.run()
    months.keep(now=FEBRUARY)
    return ttd


def made(creator: Creator, at: datetime, status: NotificationStatus) -> Notification:
    """A notification whose id is of that time."""
    own = UUID(int=lowest_at(at).int + 1)
    return notification(processed_order(creator), status, id=own)


def names(kept: list[months.Month] | None = None) -> list[str]:
    return [m.name.removeprefix("notifications_notification_") for m in kept or months.months()]


def keep(now: datetime) -> Kept:
    return months.keep(now=now)


def test_the_months_to_come_are_made_once(partitioned: Creator) -> None:
    assert names() == ["until_2023_01", "2023_01", "2023_02", "2023_03", "2023_04", "2023_05"]
    assert keep(FEBRUARY).added == []
    assert keep(MARCH).added == ["2023-06"]


def test_those_that_were_missed_are_made_up_for(partitioned: Creator) -> None:
    assert len(keep(datetime(2023, 11, 30, tzinfo=UTC)).added) == 9


def test_without_partitions_nothing_is_done(ttd: Creator) -> None:
    assert keep(FEBRUARY) == Kept((), (), ())


def test_settings_of_autovacuum_are_those_of_the_months_before(partitioned: Creator) -> None:
    ((settings,),) = sql.rows(
        "SELECT reloptions FROM pg_class WHERE relname = 'notifications_notification_2023_05'"
    )
    assert "autovacuum_vacuum_scale_factor=0.01" in settings


def test_a_month_is_sealed_once_nothing_of_it_is_open(partitioned: Creator) -> None:
    one = made(partitioned, JANUARY, NotificationStatus.NEW)
    soon, settled = FEBRUARY + timedelta(days=3), FEBRUARY + timedelta(days=5)
    assert [name for name in keep(settled).sealed if "until" not in name] == []
    Notification.objects.filter(pk=one.pk).update(
        status=NotificationStatus.DELIVERED, finished_at=JANUARY, expires_at=None
    )
    assert keep(soon).sealed == []
    assert keep(settled).sealed == ["notifications_notification_2023_01"]
    assert keep(settled).sealed == []


def test_what_looks_for_open_notifications_leaves_sealed_months_out(partitioned: Creator) -> None:
    keep(datetime(2023, 6, 15, tzinfo=UTC))
    indexes: set[str] = set()

    def look(execute: Execute, text: str, params: object, many: bool, context: object) -> object:
        if "WITH RECURSIVE ready" in text:
            indexes.update(node.get("Index Name", "") for node in nodes(plan_of(text, params)))
        return execute(text, params, many, context)

    with connection.execute_wrapper(look):
        assert claims.claim(NotificationChannel.SMS, limit=10, now=NOON) == []
    asked = {
        table
        for table, index in sql.rows(
            "SELECT tablename, indexname FROM pg_indexes WHERE indexname = ANY(%(names)s)",
            names=list(indexes),
        )
        # What was found is then changed by its key, in the month that this tells.
        if not index.endswith("_pkey") and table.startswith("notifications_notification")
    }
    sealed = {month.name for month in months.months() if month.is_sealed}
    assert len(sealed) == 6
    assert "notifications_notification_2023_06" in asked
    assert not asked & sealed


def test_a_sealed_month_takes_nothing_open_back(partitioned: Creator) -> None:
    one = made(partitioned, JANUARY, NotificationStatus.DELIVERED)
    keep(MARCH)
    with pytest.raises(DatabaseError, match="notification_month_is_over"), transaction.atomic():
        Notification.objects.filter(pk=one.pk).update(
            status=NotificationStatus.NEW, finished_at=None, expires_at=MARCH
        )
    Notification.objects.filter(pk=one.pk).update(status=NotificationStatus.FAILED)


def test_a_month_is_detached_when_it_is_old_purged_and_not_needed(
    partitioned: Creator, settings: LazySettings
) -> None:
    settings.DETACH_AFTER_MONTHS = 2
    one = made(partitioned, JANUARY, NotificationStatus.DELIVERED)
    Attempt.objects.create(notification=one, outcome=Attempt.Outcome.ERROR, created=JANUARY)
    CountedHour.objects.create(hour=JANUARY)
    CountedHour.objects.create(hour=FEBRUARY)
    keep(MARCH)
    assert keep(MARCH).detached == []
    april = keep(APRIL).detached
    assert "notifications_notification_2023_01" not in april
    Notification.objects.filter(pk=one.pk).update(normalized_address="", address="")
    again = made(partitioned, APRIL, NotificationStatus.DELIVERED)
    Notification.objects.filter(pk=again.pk).update(resend_of=one)
    assert keep(APRIL).detached == []
    Notification.objects.filter(pk=again.pk).update(resend_of=None)
    assert keep(APRIL).detached == ["notifications_notification_2023_01"]
    assert not Notification.objects.filter(pk=one.pk).exists()
    assert sql.rows("SELECT id FROM notifications_notification_2023_01") == [(one.pk,)]
    assert not Attempt.objects.exists()
    assert [hour.hour for hour in CountedHour.objects.all()] == [FEBRUARY]


def test_nothing_is_detached_unless_an_operator_wishes_so(partitioned: Creator) -> None:
    later = datetime(2026, 1, 15, tzinfo=UTC)
    keep(later)
    assert keep(later).detached == []


def test_the_role_of_the_processes_keeps_the_months_of_its_owner(
    partitioned: Creator, settings: LazySettings
) -> None:
    settings.DETACH_AFTER_MONTHS = 1
    sql.change("CREATE ROLE notifications_app LOGIN")
    for statement in ["REVOKE CREATE ON SCHEMA public FROM PUBLIC", GRANTS.read_text()]:
        sql.change(statement.replace("%", "%%"))
    sql.change("SET LOCAL ROLE notifications_app")
    try:
        kept = keep(MARCH)
        assert kept.added == ["2023-06"]
        assert "notifications_notification_2023_01" in kept.sealed
        assert "notifications_notification_2023_01" in keep(MARCH).detached
    finally:
        sql.change("RESET ROLE")


@pytest.mark.parametrize("first", ["2023-06-02", "2999-01-01"])
def test_only_a_month_that_is_due_can_be_made(partitioned: Creator, first: str) -> None:
    with pytest.raises(DatabaseError, match="begins no month"), transaction.atomic():
        sql.rows("SELECT notifications_add_month(%(first)s::date)", first=first)


@pytest.mark.parametrize("function", ["seal", "detach"])
def test_no_other_table_is_sealed_or_detached(partitioned: Creator, function: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        sql.rows(f"SELECT notifications_{function}_month('orders_order')")


def test_the_doctor_finds_out_when_months_run_out(partitioned: Creator) -> None:
    present = months.months()
    assert database._months([], now=FEBRUARY).verdict is Verdict.OK
    assert database._months(present, now=FEBRUARY).verdict is Verdict.OK
    late = database._months(present, now=datetime(2023, 5, 2, tzinfo=UTC))
    assert late.verdict is Verdict.FAILED
    assert "2023-06-01" in late.says


def test_ends_of_months_are_those_of_identifiers() -> None:
    for day in (JANUARY, datetime(2036, 2, 1, tzinfo=UTC)):
        assert sql.rows("SELECT notifications_lowest_at(%(day)s::date)", day=day.date()) == [
            (lowest_at(day),)
        ]
