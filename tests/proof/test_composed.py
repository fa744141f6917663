"""E-mails with attachments in a whole system: their files take little memory and hold up nobody,
and their links are left nowhere."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from bench.processes import forget_peak, peak_bytes
from script.launcher.system.running_system import RunningSystem

SIZE = 10_000_000
COUNT = 24
MAX_OVER_IDLE = 150_000_000
SECRET = "c2VjcmV0LXNpZ25hdHVyZQ"


@pytest.fixture
def system(tmp_path: Path) -> Iterator[RunningSystem]:
    running = RunningSystem(tmp_path, name="composed", settings={"EMAIL_REPORTS_FROM": ""})
    running.outside.report_to("")
    yield running
    running.stop()


def place(system: RunningSystem, to: str, *, size: int) -> str:
    link = (
        f"{system.outside.url}/store/file/a.pdf?size={size}"
        f"&sr=b&sp=r&se=2099-01-01T00:00:00Z&sig={SECRET}"
    )
    file = {"filename": "Brev.pdf", "mimeType": "application/pdf", "sasUrl": link}
    settings = {"subject": "Brev", "body": "Hei", "attachments": [file]}
    recipient = {"emailAddress": to, "emailSettings": settings}
    answer = system.place(
        "future/orders/composed-email", {"idempotencyId": str(uuid4()), "recipient": recipient}
    )
    assert answer.status == 201, answer
    return str(answer.json["notification"]["shipmentId"])


def email(system: RunningSystem, to: str) -> str:
    request = {"subject": "Hei", "body": "Hei", "recipients": [{"emailAddress": to}]}
    return str(system.place("orders/email", request).json["orderId"])


def test_many_large_files_take_little_memory_and_hold_up_no_other_e_mail(
    system: RunningSystem,
) -> None:
    worker = system.processes["worker"].pid
    # What a first e-mail of either kind makes for good.
    system.wait_for_completion(
        place(system, "ola@example.com", size=100), email(system, "ola@example.com")
    )
    forget_peak(worker)
    idle = peak_bytes(worker)
    composed = [place(system, f"kari{n}@example.com", size=SIZE) for n in range(COUNT)]
    plain = [email(system, f"ola{n}@example.com") for n in range(20)]
    system.wait_for_completion(*plain)
    still_open = [one for one in composed if system.order_status(one) != "Completed"]
    assert still_open, "ordinary e-mail was not waiting for the files"
    system.wait_for_completion(*composed, seconds=300)
    over_idle = peak_bytes(worker) - idle
    assert over_idle <= MAX_OVER_IDLE
    statuses = system.query(
        "SELECT status, count(*) FROM notifications_notification GROUP BY status"
    )
    assert statuses == [("Succeeded", COUNT + 22)]
    assert_nothing_tells(system)


def assert_nothing_tells(system: RunningSystem) -> None:
    with psycopg.connect(system.database) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in tables.fetchall():
            found = connection.execute(
                f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s',  # noqa: S608
                [f"%{SECRET}%"],
            )
            assert found.fetchone() == (0,), table
    for log in system.folder.glob("*.log"):
        assert SECRET not in log.read_text(errors="replace"), log.name
