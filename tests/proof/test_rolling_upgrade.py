"""Each process is replaced while orders come in: every one is answered, and carried out once."""

import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import pytest

from script.launcher.paths import ROOT
from script.launcher.services.ports import free_port
from script.launcher.system.running_system import Answer, RunningSystem
from tests.proof.nginx import PROGRAM, Nginx

RATE = 20
"""Orders a second."""
NOT_OF_THE_CODE = (".*", "var", "tests", "docs", "bench", "staticfiles", "__pycache__")
MIGRATION = '''
"""Only of this test: what a new version may do to a table in use."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("orders", "{before}")]
    operations = [
        migrations.AddField("order", "colour", models.TextField(null=True)),
        AddIndexConcurrently("order", models.Index(fields=["colour"], name="order_by_colour")),
    ]
'''

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="nginx is not installed here.")
OPEN = "SELECT 1 FROM orders_order WHERE status NOT IN ('Completed') LIMIT 1"
ALL = "SELECT id FROM orders_order"


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """This version, with one migration more."""
    folder = tmp_path / "newer"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*NOT_OF_THE_CODE))
    migrations = folder / "orders" / "migrations"
    last = max(file.stem for file in migrations.glob("[0-9]*.py"))
    (migrations / "9999_colour.py").write_text(MIGRATION.format(before=last))
    return folder


class Fleet:
    """Two web processes behind nginx, two workers of every queue, and beat."""

    def __init__(self, folder: Path) -> None:
        settings = {"LEAVING_SECONDS": "4"}
        self.system = RunningSystem(folder, name="rolling", settings=settings, programs=["web"])
        self._ports = {"web": self.system.port, "web-2": free_port()}
        try:
            self._start_others(folder)
        except BaseException:
            self.system.stop()
            raise

    def _start_others(self, folder: Path) -> None:
        system = self.system
        system.start_as("web-2", "web", port=self._ports["web-2"])
        for worker in ("worker", "worker-2"):
            system.start_as(worker, "worker")
        system.start("beat")
        system.token()
        self.proxy = Nginx(folder / "nginx", list(self._ports.values()))
        system.port = self.proxy.port
        system.outside.report_to(f"http://127.0.0.1:{self.proxy.port}")
        for web in self._ports:
            self._wait_for(web)

    def close(self) -> None:
        self.proxy.close()
        self.system.stop()

    def replace_web(self, name: str) -> None:
        """On the same port, as on the same machine."""
        self._end(name)
        self.system.start_as(name, "web", port=self._ports[name])
        self._wait_for(name)

    def replace(self, name: str, program: str) -> None:
        self._end(name)
        self.system.start_as(name, program)

    def _end(self, name: str) -> None:
        process = self.system.processes[name]
        process.terminate()
        assert process.wait(timeout=60) == 0, name

    def _wait_for(self, web: str) -> None:
        def is_ready() -> bool:
            with suppress(OSError):
                ready = self.system.call("GET", "/ready", headers={}, port=self._ports[web])
                return ready.status == 200
            return False

        self.system.wait_for(is_ready, f"{web} to be ready")


class Orders:
    """Placed through the proxy at a steady rate, each to a number of its own."""

    def __init__(self, system: RunningSystem) -> None:
        self._system = system
        self._callers = ThreadPoolExecutor(2 * RATE)
        self._calls: list[Future[Answer]] = []
        self._over = threading.Event()
        self._clock = threading.Thread(target=self._go_on)
        self._clock.start()

    def close(self) -> None:
        self._over.set()
        self._clock.join()
        self._callers.shutdown()

    def answers(self) -> list[Answer]:
        """Raises what a caller met instead of one."""
        return [call.result() for call in self._calls]

    def _go_on(self) -> None:
        begun = time.monotonic()
        while not self._over.wait(begun + len(self._calls) / RATE - time.monotonic()):
            self._calls.append(self._callers.submit(self._place, len(self._calls)))

    def _place(self, number: int) -> Answer:
        order = {
            "recipients": [{"mobileNumber": f"+4790{number:06}"}],
            "notificationChannel": "Sms",
            "smsTemplate": {"body": "Du har fått et brev."},
        }
        return self._system.place("orders", order)


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    with closing(Fleet(tmp_path)) as fleet:
        yield fleet


def test_a_rolling_upgrade_answers_every_order_and_carries_each_out_once(
    fleet: Fleet, newer: Path
) -> None:
    system = fleet.system
    with closing(Orders(system)) as orders:
        system.checkout = newer
        assert "9999_colour" in system.command("migrate")
        for web in ("web", "web-2"):
            fleet.replace_web(web)
        for worker in ("worker", "worker-2"):
            fleet.replace(worker, "worker")
        fleet.replace("beat", "beat")
    answers = orders.answers()
    log = fleet.proxy.log.read_text()
    assert Counter(answer.status for answer in answers) == {202: len(answers)}, log
    system.wait_for(lambda: system.query(OPEN) == [], "all orders to reach their end")
    placed = {answer.json["orderId"] for answer in answers}
    assert {str(order_id) for (order_id,) in system.query(ALL)} == placed
    sent = Counter(message["receiver"] for message in system.outside.messages())
    assert sent == {f"4790{number:06}": 1 for number in range(len(placed))}
    assert len(system.query("SELECT colour FROM orders_order")) == len(placed)
