"""A migration adds a column to a table, or an operator partitions the notifications by month, while
everything runs on it: nobody notices."""

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from script.launcher.system.running_system import BASE, RunningSystem
from tests.proof.live import Browser, logged_in

ROUNDS = 3
"""Statements are prepared when they come again: so often each is used on the connections there
are."""
# Of the product: `prepare_threshold` and some more.
UNTIL_PREPARED = 8
PAGES = (
    "/admin/",
    "/admin/orders/order/",
    "/admin/notifications/notification/",
    "/admin/orders/creator/",
    "/admin/dispatch/deliveryreport/",
    "/admin/dispatch/attempt/",
    "/admin/dispatch/channelpause/",
    "/admin/dispatch/jobrun/",
    "/admin/back_office/staffaction/",
)


@pytest.fixture
def system(tmp_path: Path) -> Iterator[RunningSystem]:
    """Few connections, so that each soon has its statements prepared."""
    settings = {
        "DATABASE_POOL_SIZE": "4",
        "DJANGO_SETTINGS_MODULE": "tests.proof.prepared_soon",
    }
    system = RunningSystem(tmp_path, name="columns", settings=settings, programs=["web"])
    for program in ("worker", "beat"):
        system.start(program)
    yield system
    system.stop()


class Use:
    """All jobs, the API and the desk at once, over and over, from a thread of its own."""

    def __init__(self, system: RunningSystem) -> None:
        self.orders: list[str] = []
        self.answers: list[tuple[str, int]] = []
        self.rounds = 0
        self._system, self._browser = system, logged_in(system)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go_on)
        self._thread.start()

    def close(self) -> None:
        self._over.set()
        self._thread.join()

    def _go_on(self) -> None:
        while not self._over.is_set():
            self._round(self._browser)
            self.rounds += 1

    def _round(self, browser: Browser) -> None:
        order = {
            "recipients": [{"mobileNumber": "+4799999999", "emailAddress": "kari@example.com"}],
            "notificationChannel": "EmailAndSms",
            "emailTemplate": {"subject": "Et brev", "body": "Du har fått et brev."},
            "smsTemplate": {"body": "Du har fått et brev."},
            "conditionEndpoint": f"{self._system.outside.url}/condition/true",
        }
        system = self._system
        placed = system.call("POST", f"{BASE}/orders", json.dumps(order).encode())
        self.answers.append(("POST", placed.status))
        if placed.status == 202:
            self.orders.append(placed.json["orderId"])
        reads = [
            f"{BASE}/orders/{self.orders[0]}{what}"
            for what in ("", "/status", "/notifications/sms", "/notifications/email")
        ]
        self.answers += [(path, system.call("GET", path).status) for path in reads]
        pages = [*PAGES, f"/admin/orders/order/{self.orders[0]}/change/"]
        self.answers += [(path, browser.get(path).status) for path in pages]


def test_columns_and_months_that_come_disturb_no_job_no_request_and_no_page(
    system: RunningSystem,
) -> None:
    with closing(Use(system)) as use:

        def wait_for_rounds(count: int) -> None:
            wanted = use.rounds + count
            system.wait_for(lambda: use.rounds >= wanted, f"{count} rounds", seconds=120)

        wait_for_rounds(ROUNDS)
        with psycopg.connect(system.database, autocommit=True) as outside:
            tables = sql.SQL(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
            )
            for (table,) in outside.execute(tables).fetchall():
                add = sql.SQL("ALTER TABLE {} ADD COLUMN zz int").format(sql.Identifier(table))
                outside.execute(add)
        wait_for_rounds(ROUNDS)
        said = system.command("partition", "--by-month", "--apply")
        wait_for_rounds(ROUNDS)
    assert "notifications_notification_until" in said
    assert {answer for answer in use.answers if answer[1] not in (200, 202)} == set()
    system.wait_for_completion(*use.orders, seconds=60)
    runs = system.query("SELECT name, result FROM dispatch_tick")
    assert [run for run in runs if "FAILURE" in run[1]] == []
    for program in system.processes:
        log = (system.folder / f"{program}.log").read_text(errors="replace")
        assert "cached plan" not in log
        assert "Traceback" not in log, log


@pytest.mark.django_db(transaction=True)
def test_a_statement_prepared_for_another_type_is_prepared_anew_at_once() -> None:
    """What a migration that changes a type does to those that run."""
    statement = "SELECT a FROM changing"
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE changing AS SELECT 1 AS a")
        try:
            for _ in range(UNTIL_PREPARED):
                cursor.execute(statement)
            assert _names_prepared() > 0
            cursor.execute(
                "DO $$ BEGIN ALTER TABLE changing ALTER a TYPE text USING a::text; END $$"
            )
            cursor.execute(statement)
            assert cursor.fetchall() == [("1",)]
        finally:
            cursor.execute("DROP TABLE changing")


def _names_prepared() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        count: int = cursor.fetchone()[0]
    return count
