"""A whole system that sent one message and was stopped, for all that look at what it left."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from script.launcher.system.running_system import BASE, RunningSystem
from tests.watching.sink import sink

TRACE, CALLER = "24d7cbf2a13f938741e8d2351d535556", "2c30279c4891e50f"
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
    """What the system wrote, by program, what it told the collector, and the order that it carried
    out; `answered` is the answer's X-Trace-Id."""

    written: dict[str, list[str]]
    spans: list[Any]
    order_id: str
    answered: str

    @property
    def trace_id(self) -> str:
        return self.answered.split("-")[1]

    def events(self, program: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.written[program]]


@pytest.fixture(scope="session")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    folder: Path = tmp_path_factory.mktemp("watching")
    with sink() as collector:
        settings = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{collector.address}",
            "OTEL_BSP_SCHEDULE_DELAY": "200",  # the library's own: milliseconds
            "SENTRY_DSN": f"http://only-for-this-run@{collector.address}/1",
        }
        system = RunningSystem(folder, name="watching", settings=settings)
        try:
            headers = {
                "Authorization": f"Bearer {system.token()}",
                "Content-Type": "application/json",
                "traceparent": f"00-{TRACE}-{CALLER}-01",
            }
            body = json.dumps(ORDER).encode()
            answer = system.call("POST", f"{BASE}/orders", body, headers)
            order_id = answer.json["orderId"]
            system.wait_for_completion(order_id)
            wanted = {"process", "send", "report", "order"}
            system.wait_for(
                lambda: wanted <= {span.name for span in collector.spans()}, "the spans to come"
            )
        finally:
            system.stop()
        spans = collector.spans()
    written = {name: (folder / f"{name}.log").read_text().splitlines() for name in PROGRAMS}
    return Seen(written, spans, order_id, answer.headers["X-Trace-Id"])
