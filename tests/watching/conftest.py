"""A whole system that sent one message and was stopped, for all that look at what it left."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from script.launcher.system.running_system import RunningSystem

PROGRAMS = ("web", "worker", "beat")
NUMBER = "+4799999999"
TEXT = "Brevet er kommet."
ORDER = {
    "recipients": [{"mobileNumber": NUMBER}],
    "notificationChannel": "Sms",
    "smsTemplate": {"body": TEXT},
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What the system wrote, by program, and the order that it carried out."""

    written: dict[str, list[str]]
    order_id: str
    trace_id: str

    def events(self, program: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.written[program]]


@pytest.fixture(scope="session")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    folder: Path = tmp_path_factory.mktemp("watching")
    system = RunningSystem(folder, name="watching")
    try:
        answer = system.place("orders", ORDER)
        order_id = answer.json["orderId"]
        system.wait_for_completion(order_id)
    finally:
        system.stop()
    written = {name: (folder / f"{name}.log").read_text().splitlines() for name in PROGRAMS}
    return Seen(written, order_id, answer.headers["X-Trace-Id"].split("-")[1])
