"""The page for service owners shows what the running service answers.

`PASTE=1 .venv/bin/pytest tests/documentation` puts the present answers into the page.
"""

import json
import os
import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest

from script.launcher.system.running_system import ENDS, Answer, RunningSystem
from tests.contracts.requests import NEXT_YEAR

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
EXCHANGE = re.compile(r"```http\n(?P<request>.*?)```\n\n```http\n(?P<answer>.*?)```\n", re.DOTALL)

# What differs from run to run, and what the page shows in its place.
PLANNED = "2027-01-31T08:00:00Z"
VARYING = [
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"), "01939f5e-…"),
    (re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]"), "00-9ac2962c93d79629aa5c3744e4259663-…"),
    (re.compile(r"20\d\d-01-31T08:00:00Z"), PLANNED),
    (
        re.compile(rf"(?!{PLANNED})20[0-8]\d-\d\d-\d\dT[0-9:.]+Z"),
        "2026-01-31T12:00:00.123456Z",
    ),
    (re.compile(r"whsec_[\w+/=]+"), "whsec_C2FVsBQIhrscChlQIMV+b5sSYspo…"),
    (re.compile(r"http://127\.0\.0\.1:\d+"), "https://notifications.example.no"),
]


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    running = RunningSystem(tmp_path_factory.mktemp("documentation"), name="documentation")
    yield running
    running.stop()


class Reader:
    """A service owner who follows the page from top to bottom."""

    def __init__(self, system: RunningSystem) -> None:
        self.system = system
        self.orders: list[str] = []
        self.shipments: list[str] = []
        self.webhook = ""

    def follow(self, exchange: re.Match[str]) -> str:
        """Send the request; the whole exchange with the present answer."""
        answer = self.send(exchange["request"])
        return f"```http\n{exchange['request']}```\n\n```http\n{shown(answer)}\n```\n"

    def send(self, request: str) -> Answer:
        head, _, body = request.partition("\n\n")
        body = body.replace("2027-01-31T09:00", f"{NEXT_YEAR}-01-31T09:00")
        first, *lines = head.strip().split("\n")
        method, _, path = first.partition(" ")
        if "{first order}" in path or "{first shipment}" in path:
            self.wait_for_all()
        path = path.replace("{webhook}", self.webhook)
        if "{first shipment}" in path:
            path = path.replace("{first shipment}", self.shipments[0])
        for name, index in (("first", 0), ("last", -1)):
            if f"{{{name} order}}" in path:
                path = path.replace(f"{{{name} order}}", self.orders[index])
        headers = {"Authorization": f"Bearer {self.system.token()}"}
        headers |= dict(line.split(": ", 1) for line in lines)
        if body:
            headers["Content-Type"] = "application/json"
        answer = self.system.call(method, path, body.encode() or None, headers)
        if answer.status == 202:
            self.orders.append(answer.json["orderId"])
        if answer.status == 201 and "secret" in answer.json:
            self.webhook = answer.json["id"]
        elif answer.status == 201:
            self.shipments.append(answer.json["notification"]["shipmentId"])
        return answer

    def wait_for_all(self) -> None:
        due = "SELECT status FROM orders_order WHERE requested_send_time < now()"
        self.system.wait_for(
            lambda: {status for (status,) in self.system.query(due)} <= ENDS, "all orders to end"
        )


def shown(answer: Answer) -> str:
    """An answer as the page shows it, with what varies replaced."""
    head = f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\n"
    if location := answer.headers["Location"]:
        head += f"Location: {location}\n"
    text = f"{head}\n{json.dumps(answer.json, indent=2, ensure_ascii=False)}"
    for pattern, instead in VARYING:
        text = pattern.sub(instead, text)
    return text


def test_the_page_shows_what_the_service_answers(system: RunningSystem) -> None:
    page = PAGE.read_text()
    reader = Reader(system)
    present = EXCHANGE.sub(reader.follow, page)
    if os.environ.get("PASTE"):
        PAGE.write_text(present)
    assert present == PAGE.read_text()
    assert page.count("```http") == 2 * len(EXCHANGE.findall(page))
