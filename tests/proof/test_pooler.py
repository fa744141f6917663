"""Attack A18: the product works behind a pooler that keeps no prepared statements."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from config.database.base import is_pooled
from script.launcher.system.running_system import BASE, PROGRAMS, RunningSystem
from tests.proof.live import logged_in, wait_until_healthy
from tests.proof.transaction_pooler import TransactionPooler

ORDER = b"""{"recipients": [{"mobileNumber": "+4799999999"}], "notificationChannel": "Sms",
    "smsTemplate": {"body": "Du har et brev."}}"""
ORDERS, CALLERS, SERVERS = 80, 4, 3


@pytest.fixture
def pooler() -> Iterator[TransactionPooler]:
    folder = conninfo_to_dict(os.environ["DATABASE_URL"])["host"]
    pooler = TransactionPooler(f"{folder}/.s.PGSQL.5432", servers=SERVERS)
    yield pooler
    pooler.close()


@pytest.fixture
def system(tmp_path: Path, pooler: TransactionPooler) -> Iterator[RunningSystem]:
    """Made without the pooler, which would keep the database from being copied."""
    system = RunningSystem(tmp_path, name="pooled", programs=["web"])
    try:
        system.kill("web")
        url = f"postgresql://postgres@127.0.0.1:{pooler.port}/pooled"
        system.environment["DATABASE_URL"] = url
        for program in PROGRAMS:
            system.start(program)
        wait_until_healthy(system)
        yield system
    finally:
        system.stop()


def test_attack_a18_everything_works_behind_a_pooler_of_transactions(
    system: RunningSystem,
) -> None:
    with ThreadPoolExecutor(CALLERS) as callers:
        answers = list(callers.map(lambda _: system.place("orders", ORDER), range(ORDERS)))
    assert [answer.status for answer in answers] == [202] * ORDERS
    orders = [answer.json["orderId"] for answer in answers]
    system.wait_for_completion(*orders, seconds=60)
    for order in orders[:CALLERS]:
        assert system.sms_summary(order)["generated"] == 1
    found = system.call("GET", f"{BASE}/orders?sendersReference=none")
    assert found.status == 200
    browser = logged_in(system)
    assert browser.get("/admin/notifications/notification/").status == 200
    failed = system.query("SELECT name, result FROM dispatch_tick WHERE result LIKE 'FAILURE%%'")
    assert failed == []


def test_a_pooler_is_told_from_a_server(pooler: TransactionPooler) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"]) as direct:
        assert not is_pooled(direct)
    url = f"postgresql://postgres@127.0.0.1:{pooler.port}/notifications"
    with psycopg.connect(url, autocommit=True) as pooled:
        assert is_pooled(pooled)


def test_statements_that_are_prepared_do_not_survive_such_a_pooler(
    pooler: TransactionPooler,
) -> None:
    """Else the first test would show nothing."""
    url = f"postgresql://postgres@127.0.0.1:{pooler.port}/notifications"
    with (
        psycopg.connect(url, autocommit=True) as pooled,
        pytest.raises(psycopg.errors.InvalidSqlStatementName),
    ):
        pooled.execute("SELECT 1", prepare=True)
