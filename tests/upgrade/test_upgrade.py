"""A new version takes over while the one before it runs: nothing is lost, nothing is sent twice.

First the tables, under the old web process, worker and beat; then the programs, one after another.
"""

import io
import json
import shutil
import subprocess
import tarfile
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from script.launcher.paths import ROOT
from script.launcher.system.running_system import BASE, RunningSystem
from tests.proof.live import Browser, logged_in, wait_until_healthy

BEFORE = "3c4a07a0aef83e14c0d5acc09c5580d64e2239f6"
"""The version to come from: the last one before folders, words and tables were put in order."""
MAY_SEE_JOBS = """
SELECT g.name FROM auth_group g JOIN auth_group_permissions held ON held.group_id = g.id
JOIN auth_permission p ON p.id = held.permission_id WHERE p.codename = 'view_jobrun'
"""
ORDERS_A_STAGE = 5
PAGES = (
    "/admin/",
    "/admin/orders/order/",
    "/admin/notifications/notification/",
    "/admin/dispatch/deliveryreport/",
    "/admin/dispatch/attempt/",
    "/admin/dispatch/channelpause/",
    "/admin/back_office/staffaction/",
)


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """The code of the version before, from the history of the checkout."""
    git = shutil.which("git")
    assert git is not None
    folder = tmp_path / "earlier"
    folder.mkdir()
    archive = subprocess.run([git, "archive", BEFORE], cwd=ROOT, capture_output=True, check=False)
    if archive.returncode:
        pytest.skip(f"The history of this checkout does not go back to {BEFORE}.")
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(folder, filter="data")
    return folder


@pytest.fixture
def system(tmp_path: Path, earlier: Path) -> Iterator[RunningSystem]:
    system = RunningSystem(
        tmp_path, name="upgrade", programs=("web", "worker", "beat"), checkout=earlier
    )
    yield system
    system.stop()


class Orders:
    """Placed all the time, from a thread of its own: each to an address and a number that no other
    is for, some for later."""

    def __init__(self, system: RunningSystem) -> None:
        self.placed: dict[str, tuple[str, str]] = {}
        self.answers: list[tuple[str, int]] = []
        self.away = threading.Lock()
        """Held while there is no web process."""
        self._system, self._browser = system, logged_in(system)
        self._count = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go_on)
        self._thread.start()

    def close(self) -> None:
        self._over.set()
        self._thread.join()

    def wait_for_more(self) -> None:
        wanted = self._count + ORDERS_A_STAGE
        self._system.wait_for(lambda: self._count >= wanted, f"{wanted} orders")

    def _go_on(self) -> None:
        while not self._over.is_set():
            with self.away:
                self._round(self._browser)

    def _round(self, browser: Browser) -> None:
        number, address = f"+4790{self._count:06}", f"kari{self._count}@example.com"
        later = timedelta(seconds=self._count % 3 * 10)
        order = {
            "recipients": [{"mobileNumber": number, "emailAddress": address}],
            "notificationChannel": "EmailAndSms",
            "emailTemplate": {"subject": "Et brev", "body": "Du har fått et brev."},
            "smsTemplate": {"body": "Du har fått et brev."},
            "conditionEndpoint": f"{self._system.outside.url}/condition/true",
            "requestedSendTime": (timezone.now() + later).isoformat(),
        }
        system = self._system
        placed = system.call("POST", f"{BASE}/orders", json.dumps(order).encode())
        self.answers.append(("POST", placed.status))
        if placed.status != 202:
            return
        self._count += 1
        order_id = placed.json["orderId"]
        self.placed[order_id] = number, address
        reads = [
            f"{BASE}/orders/{order_id}{what}"
            for what in ("", "/status", "/notifications/sms", "/notifications/email")
        ]
        self.answers += [(path, system.call("GET", path).status) for path in reads]
        pages = [*PAGES, f"/admin/orders/order/{order_id}/change/"]
        self.answers += [(path, browser.get(path).status) for path in pages]


def replace(system: RunningSystem, program: str) -> None:
    """Start the new one beside the old one, then ask that to end."""
    old = system.processes[program]
    system.start(program)
    old.terminate()
    try:
        assert old.wait(timeout=60) == 0, program
    finally:
        old.kill()


def replace_web(system: RunningSystem, orders: Orders) -> None:
    """One after the other, since there is a single port."""
    with orders.away:
        old = system.processes["web"]
        old.terminate()
        assert old.wait(timeout=60) == 0
        system.start("web")
        wait_until_healthy(system)


def test_an_upgrade_under_way_loses_nothing_and_sends_nothing_twice(
    system: RunningSystem,
) -> None:
    orders = Orders(system)
    try:
        orders.wait_for_more()
        system.checkout = ROOT
        system.command("migrate")
        orders.wait_for_more()
        replace_web(system, orders)
        orders.wait_for_more()
        for program in ("worker", "beat"):
            replace(system, program)
            orders.wait_for_more()
    finally:
        orders.close()
    assert {answer for answer in orders.answers if answer[1] not in (200, 202)} == set()
    system.wait_for_completion(*orders.placed)
    reached = Counter(place.lstrip("+") for pair in orders.placed.values() for place in pair)
    assert Counter(message["receiver"] for message in system.outside.messages()) == reached

    feed = system.call("GET", f"{BASE}/future/shipment/feed?seq=0").json
    told = Counter((entry["shipmentId"], entry["shipmentType"]) for entry in feed)
    assert told == Counter((order_id, "Notification") for order_id in orders.placed)
    assert {name for (name,) in system.query(MAY_SEE_JOBS)} == {"auditor", "operator", "support"}
    for program in system.processes:
        log = (system.folder / f"{program}.log").read_text(errors="replace")
        assert "Traceback" not in log, log
