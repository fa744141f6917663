"""A gateway of somebody else's package, as docs/gateways.md shows it, in a whole system."""

import json
import os
import re
from collections.abc import Iterator

import pytest

from script.launcher.paths import ROOT
from script.launcher.system.running_system import RunningSystem
from tests.recipients.local_server import LocalServer

PAGE = ROOT / "docs" / "gateways.md"
MAX_LINES = 75
KEY = "vafler-og-brunost"


@pytest.fixture(scope="module")
def acme() -> Iterator[LocalServer]:
    running = LocalServer()
    running.answer("/sms", lambda call: {"id": f"acme-{len(running.calls)}"})
    yield running
    running.stop()


@pytest.fixture(scope="module")
def system(acme: LocalServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    """Where the package lies outside the repository."""
    folder = tmp_path_factory.mktemp("packages")
    (folder / "acme_sms.py").write_text(package())
    entry = {"PROVIDER": "acme_sms.Acme", "OPTIONS": {"url": f"{acme.url}/sms", "key": KEY}}
    running = RunningSystem(
        tmp_path_factory.mktemp("system"),
        name="own_gateway",
        settings={
            "PYTHONPATH": os.pathsep.join([os.environ["PYTHONPATH"], str(folder)]),
            "GATEWAYS": json.dumps({"sms": {"acme": entry}}),
            "SMS_GATEWAY_URL": "",
        },
        programs=("web", "worker"),
    )
    yield running
    running.stop()


def package() -> str:
    """The one example in Python that the page has."""
    [found] = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return str(found)


def test_the_example_is_as_short_as_it_is_said_to_be() -> None:
    written = [line for line in package().splitlines() if line.strip()]
    assert len(written) <= MAX_LINES


def test_a_package_from_outside_sends_and_its_reports_complete_the_order(
    system: RunningSystem, acme: LocalServer
) -> None:
    request = {"body": "Vafler kl. 12", "recipients": [{"mobileNumber": "+4799999999"}]}
    order = system.place("orders/sms", request).json["orderId"]
    system.wait_for(lambda: bool(acme.bodies("/sms")), "the package to send")
    [call] = acme.calls
    assert call.body == {"to": "+4799999999", "text": "Vafler kl. 12"}
    assert call.headers["X-Key"] == KEY
    where, report = "/notifications/sms/api/v1/acme/reports", {"id": "acme-1", "state": "there"}
    body = json.dumps(report).encode()
    assert system.call("POST", where, body, headers={"X-Key": "wrong"}).status == 401
    assert system.call("POST", where, body, headers={"X-Key": KEY}).status == 204
    system.wait_for_completion(order)
    [sent] = system.sms_summary(order)["notifications"]
    assert sent["sendStatus"]["status"] == "Delivered"


def test_the_doctor_asks_it(system: RunningSystem) -> None:
    found = json.loads(system.command("shell", "-v", "0", "-c", EXAMINE))
    assert found == [["SMS acme", "ok"]]


EXAMINE = """
import json
from config.doctor.outside import sms_gateway
print(json.dumps([[found.name, found.verdict] for found in sms_gateway()]))
"""
