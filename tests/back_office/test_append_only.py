"""What staff did and what they changed is only ever added to: attack A30."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction
from django.db.models import Model

from back_office.actions.channels import pause_channel, resume_channel
from back_office.actions.orders.hold import Hold
from back_office.actions.orders.release import Release
from back_office.audit import history
from back_office.audit.log import Actor, Why
from back_office.models import ActionOutcome, ActionSubject, StaffAction
from notifications.models import NotificationChannel
from orders.models import Creator, Order
from tests.building import NOON, processed_order

GRANTS = Path(__file__).parents[2] / "deploy" / "roles.sql"
WHY = Why("Wrong text", "SAK-1")
LOGS: list[type[Model]] = [
    StaffAction,
    ActionSubject,
    ActionOutcome,
    apps.get_model("orders", "CreatorEvent"),
    apps.get_model("dispatch", "ChannelPauseEvent"),
]
TABLES = [model._meta.db_table for model in LOGS]


@pytest.fixture
def written(ttd: Creator) -> Order:
    """A line in each of the tables."""
    anne = Actor.of(User.objects.create_user("anne"))
    order = processed_order(ttd)
    Hold().run_on([order.pk, processed_order(ttd).pk], by=anne, why=WHY, now=NOON)
    pause_channel.run(NotificationChannel.SMS, until=None, by=anne, why=WHY, now=NOON)
    with history.attributed_to(anne, WHY):
        Creator.objects.update(contact="Lise")
    assert all(model._default_manager.exists() for model in LOGS)
    with connection.cursor() as cursor:  # else TRUNCATE is refused for what is still to be checked
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return order


def refused(statement: str) -> str:
    with pytest.raises(DatabaseError) as why, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    return str(why.value)


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "statement", ["TRUNCATE {}", "TRUNCATE {} CASCADE", "DELETE FROM {}", "UPDATE {} SET id = id"]
)
def test_attack_a30_no_line_goes_and_none_changes(table: str, statement: str) -> None:
    assert "annot" in refused(statement.format(table))


def test_every_history_is_one_of_them() -> None:
    histories = {model for model in apps.get_models() if hasattr(model, "pgh_tracked_model")}
    assert histories <= set(LOGS)


@pytest.fixture
def as_the_processes(written: Order) -> Iterator[Order]:
    """In the role that deploy/README.md tells to make."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE notifications_app LOGIN")
        cursor.execute(GRANTS.read_text())
        cursor.execute("SET LOCAL ROLE notifications_app")
    yield written
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE {}",
        "DELETE FROM {}",
        "UPDATE {} SET id = id",
        "ALTER TABLE {} DISABLE TRIGGER ALL",
        "ALTER TABLE {} ADD COLUMN z int",
        "DROP TABLE {}",
        "SET LOCAL session_replication_role = replica; TRUNCATE {}",
        "SET LOCAL pgtrigger.ignore = '{{}}'; DELETE FROM {}",
    ],
)
@pytest.mark.usefixtures("as_the_processes")
def test_the_role_of_the_processes_cannot_even_try(table: str, statement: str) -> None:
    why = refused(statement.format(table))
    assert "permission denied" in why or "must be owner" in why


@pytest.mark.usefixtures("as_the_processes")
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE z (z int)",
        "DELETE FROM pghistory_context",
        "DELETE FROM django_migrations",
        "TRUNCATE orders_order CASCADE",
        "CREATE OR REPLACE FUNCTION _pgtrigger_should_ignore(trigger_name NAME) RETURNS BOOLEAN"
        " AS 'SELECT TRUE' LANGUAGE sql",
    ],
)
def test_nor_anything_else_that_is_the_owners(statement: str) -> None:
    why = refused(statement)
    assert "permission denied" in why or "must be owner" in why


def test_the_role_of_the_processes_can_do_its_work(as_the_processes: Order) -> None:
    cron = Actor("cron")
    Release().run_on([as_the_processes.pk], by=cron, why=WHY, now=NOON)
    resume_channel.run(NotificationChannel.SMS, by=cron, why=WHY, now=NOON)
    with history.attributed_to(cron, WHY):
        Creator.objects.update(contact="Per")
    skd = Creator.objects.create(short_name="skd")
    assert history.changes_of(skd)
    assert processed_order(skd).creator == skd
    assert StaffAction.objects.filter(staff_name="cron").count() >= 2
