"""A status is written only by those who are known to write it, and only as the table of transitions
says (decision 26)."""

import ast
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from notifications.conditions import check
from notifications.conditions.client import Answer, Verdict
from notifications.control import stop
from notifications.expansion.claims import claim_for_condition
from notifications.expansion.expand import process_past_due_orders
from notifications.models import STATUS_WRITERS, Notification, NotificationStatus
from notifications.resend.eligibility import Terms
from notifications.resend.resend import resend_in_batches
from notifications.results import record
from notifications.results.record import Result
from orders.cancelling import cancel_by_staff
from orders.models import TRANSITIONS, Channel, Creator, Order
from tests.architecture.test_tree import APPS, ROOT, modules
from tests.building import NOON, mobiles, order

_SET = re.compile(
    r"UPDATE\s+(orders_order|notifications_notification)\b[^;]*?\bSET\b(.*?)"
    r'(?:\bFROM\b|\bWHERE\b|\bRETURNING\b|""")',
    re.DOTALL,
)
_STATUS = re.compile(r"(?:^|[\s,])status\s*=")
_MODELS = {"OrderStatus": "orders_order", "NotificationStatus": "notifications_notification"}


def tables_written(source: str) -> Iterator[str]:
    """The tables whose status the module changes: in SQL, by an attribute, or by `update`."""
    for statement in _SET.finditer(source):
        if _STATUS.search(statement[2]):
            yield statement[1]
    for node in ast.walk(ast.parse(source)):
        value: Any = None
        match node:
            case ast.Assign(targets=[ast.Attribute(attr="status")], value=value):
                pass
            case ast.Call(func=ast.Attribute(attr="update"), keywords=keywords):
                value = next((word.value for word in keywords if word.arg == "status"), None)
        for name in ast.walk(value) if value is not None else ():
            if isinstance(name, ast.Name) and name.id in _MODELS:
                yield _MODELS[name.id]


def writers_of(table: str) -> set[str]:
    return {
        ".".join(path.with_suffix("").parts)
        for path in modules()
        if path.parts[0] in APPS
        and "migrations" not in path.parts
        and table in tables_written((ROOT / path).read_text())
    }


def test_the_status_of_an_order_is_written_by_who_the_table_says() -> None:
    assert writers_of("orders_order") == set.union(*TRANSITIONS.values())


def test_the_status_of_a_notification_is_written_by_who_is_known_to() -> None:
    assert writers_of("notifications_notification") == STATUS_WRITERS


@pytest.mark.parametrize(
    "source",
    [
        'X = """\nUPDATE orders_order o\nSET held_at = NULL, status = \'New\' FROM held"""',
        "order.status = OrderStatus.COMPLETED",
        "rows.update(reason='', status=OrderStatus.COMPLETED)",
    ],
)
def test_who_writes_the_status_of_an_order_would_be_found(source: str) -> None:
    assert set(tables_written(source)) == {"orders_order"}


def test_who_only_reads_it_is_let_pass() -> None:
    source = 'X = """UPDATE orders_order SET status_at = 1 WHERE status = 2"""\na = order.status\n'
    assert not set(tables_written(source))


_WATCH = """
CREATE TABLE seen (was text, is_now text);
CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO seen VALUES (OLD.status, NEW.status);
    RETURN NULL;
END $$;
CREATE TRIGGER see AFTER UPDATE ON orders_order FOR EACH ROW
WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION see();
"""


@pytest.mark.django_db
def test_every_transition_of_the_table_happens_and_no_other(ttd: Creator) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_WATCH)
    _live_through_everything(ttd)
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT was, is_now FROM seen")
        seen = set(cursor.fetchall())
    assert seen == {(was.value, becomes.value) for was, becomes in TRANSITIONS}


def _live_through_everything(creator: Creator) -> None:
    unmet = order(creator, condition_endpoint="https://sender.example/ask")
    claimed = claim_for_condition(now=NOON, limit=1, taken={})
    no = {unmet.pk: Answer(Verdict.NOT_MET, "")}
    check.store(claimed.orders, no, token=claimed.token, now=NOON)
    cancel_by_staff([order(creator).pk], now=NOON)
    stop.stop([order(creator).pk], reason="Wrong.", now=NOON)
    done = order(creator, Channel.SMS, mobiles(1))
    process_past_due_orders(now=NOON)
    _finish(done, NotificationStatus.FAILED_TTL)
    _finish(done, NotificationStatus.FAILED_UNDELIVERED)
    [failed] = Notification.objects.filter(order=done)
    list(resend_in_batches([failed.pk], terms=Terms(), now=NOON))
    assert Order.objects.get(pk=done.pk).status == "Processed"


def _finish(of: Order, status: NotificationStatus) -> None:
    rows = Notification.objects.filter(order=of).values_list("pk", flat=True)
    record.record([Result(pk, status, finished=True) for pk in rows], now=NOON)
