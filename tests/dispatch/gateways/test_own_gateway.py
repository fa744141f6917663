"""A gateway of somebody else's package, as docs/gateways.md shows it, in a whole system: it sends,
and when it dies the one beside it carries all."""

import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from script.launcher.paths import ROOT
from script.launcher.services.ports import free_port
from script.launcher.system.running_system import RunningSystem
from script.launcher.system.simulators import Simulators

PAGE = ROOT / "docs" / "gateways.md"
MAX_LINES = 75
KEY = "vafler-og-brunost"
REPORTS = "/notifications/sms/api/v1/acme/reports"
OUTAGE = float(os.environ.get("GATEWAY_OUTAGE", "4"))
"""Seconds. Longer where somebody wants to see it."""
PACE = 0.1
AT_THE_OTHER_WITHIN = 5.0


class Acme:
    """The provider's own process, which can be killed."""

    def __init__(self, folder: Path) -> None:
        self.url = f"http://127.0.0.1:{free_port()}/sms"
        self._file = folder / "taken.jsonl"
        self._file.touch()
        self.start()

    def start(self) -> None:
        port = self.url.split(":")[2].partition("/")[0]
        program = [sys.executable, "-m", "tests.dispatch.gateways.sink", port, str(self._file)]
        self._process = subprocess.Popen(program, cwd=ROOT)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def taken(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in self._file.read_text().splitlines()]


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Acme]:
    running = Acme(tmp_path_factory.mktemp("acme"))
    yield running
    running.kill()


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulators]:
    """Where the other gateway is."""
    world = Simulators(tmp_path_factory.mktemp("second"))
    yield world
    world.stop()


@pytest.fixture(scope="module")
def system(
    acme: Acme, second: Simulators, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningSystem]:
    """Acme, whose package lies outside the repository, and GatewayAPI, which stands by."""
    packages = tmp_path_factory.mktemp("packages")
    (packages / "acme_sms.py").write_text(package())
    options = {"url": acme.url, "key": KEY}
    gateways = {
        "acme": {"PROVIDER": "acme_sms.Acme", "OPTIONS": options},
        "gatewayapi": {**second.gatewayapi, "WEIGHT": 0},
    }
    running = RunningSystem(
        tmp_path_factory.mktemp("system"),
        name="own_gateway",
        settings={
            "PYTHONPATH": os.pathsep.join([os.environ["PYTHONPATH"], str(packages)]),
            "GATEWAYS": json.dumps({"sms": gateways}),
            "SMS_GATEWAY_URL": "",
        },
        programs=("web", "worker"),
    )
    second.report_to(running.url)
    yield running
    running.stop()


def package() -> str:
    """The one example in Python that the page has."""
    [found] = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return str(found)


def place(system: RunningSystem, *numbers: str) -> str:
    recipients = [{"mobileNumber": number} for number in numbers]
    request = {"body": "Vafler kl. 12", "recipients": recipients}
    return str(system.place("orders/sms", request).json["orderId"])


def test_the_example_is_as_short_as_it_is_said_to_be() -> None:
    written = [line for line in package().splitlines() if line.strip()]
    assert len(written) <= MAX_LINES


def test_a_package_from_outside_sends_and_its_reports_complete_the_order(
    system: RunningSystem, acme: Acme
) -> None:
    order = place(system, "+4799999999")
    system.wait_for(lambda: "+4799999999" in {one["to"] for one in acme.taken()}, "it to send")
    [taken] = [one for one in acme.taken() if one["to"] == "+4799999999"]
    assert taken == {"to": "+4799999999", "text": "Vafler kl. 12", "key": KEY}
    body = json.dumps({"id": "acme-+4799999999", "state": "there"}).encode()
    assert system.call("POST", REPORTS, body, headers={"X-Key": "wrong"}).status == 401
    assert system.call("POST", REPORTS, body, headers={"X-Key": KEY}).status == 204
    system.wait_for_completion(order)
    [sent] = system.sms_summary(order)["notifications"]
    assert sent["sendStatus"]["status"] == "Delivered"


def test_the_doctor_asks_each(system: RunningSystem) -> None:
    found = json.loads(system.command("shell", "-v", "0", "-c", EXAMINE))
    assert ["SMS acme", "ok"] in found
    assert "SMS gateway gatewayapi" in dict(found)


EXAMINE = """
import json
from config.doctor.outside import sms_gateway
print(json.dumps([[found.name, found.verdict] for found in sms_gateway()]))
"""


def test_when_one_dies_the_other_carries_all_and_nothing_is_lost_or_sent_twice(
    system: RunningSystem, acme: Acme, second: Simulators
) -> None:
    """Ten orders a second. Of what was on its way as it died nobody knows; that is for the dead one
    alone, whatever becomes of it."""
    before = len(acme.taken())
    placed: dict[str, float] = {}

    def place_for(seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            number = f"+47{91000000 + len(placed)}"
            place(system, number)
            placed[number] = time.time()
            time.sleep(PACE)

    place_for(1)
    acme.kill()
    died = time.time()
    place_for(OUTAGE)
    bound = "SELECT normalized_address FROM notifications_notification n WHERE status = 'New'"
    unknown = f"{bound} AND gateway = 'acme' AND EXISTS (SELECT FROM dispatch_attempt a"
    unknown += " WHERE a.notification_id = n.id AND a.outcome = 'Unknown')"

    def of_the_other() -> dict[str, float]:
        return {f"+{one['receiver']}": one["receivedAt"] for one in second.messages()}

    def unaccounted() -> set[str]:
        elsewhere = {row[0] for row in system.query(unknown)}
        arrived = {one["to"] for one in acme.taken()} | of_the_other().keys()
        return placed.keys() - arrived - elsewhere

    system.wait_for(lambda: not unaccounted(), "all to have left")
    other = of_the_other()
    afterwards = {number for number, at in placed.items() if at > died}
    assert afterwards <= other.keys(), "none is bound to a gateway that was dead already"
    assert max(other[number] - placed[number] for number in afterwards) < AT_THE_OTHER_WITHIN
    arrivals = Counter(one["to"] for one in acme.taken()[before:])
    arrivals.update(f"+{one['receiver']}" for one in second.messages())
    assert {number: count for number, count in arrivals.items() if count > 1} == {}
    acme.start()
