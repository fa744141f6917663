"""The pages for service owners show what the running service answers.

`PASTE=1 .venv/bin/pytest tests/documentation` puts the present answers into the page.
"""

import json
import os
import re
import shutil
from collections.abc import Iterator
from email.message import Message
from http import HTTPStatus
from pathlib import Path

import pytest
from django.conf import settings

from notifications.reading.status_feed import MAX_PAGE
from orders.api.parsing.fields import MAX_REFERENCE_BYTES
from script.launcher.system.running_system import BASE, ENDS, Answer, RunningSystem
from tests.contracts.requests import NEXT_YEAR
from tests.documentation.pasting import ANSWERED, BLOCK, Shell

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = (DOCS / "api.md", DOCS / "first-version.md")
"""In the order in which their reader comes to them."""
STARTING = DOCS / "getting-started.md"
BEGINNING = DOCS / "kom-i-gang.md"
EXCHANGE = re.compile(r"```http\n(?P<request>.*?)```\n\n```http\n(?P<answer>.*?)```\n", re.DOTALL)

AN_ID = "01939f5e-…"
LIMITS = (
    "MAX_RECIPIENTS",
    "DATA_UPLOAD_MAX_MEMORY_SIZE",
    "MAX_TEXT_BYTES",
    "CREATOR_REQUESTS_PER_MINUTE",
    "CREATOR_RECIPIENTS_PER_MINUTE",
    "MAX_REMINDERS",
    "MAX_SCHEDULE_DAYS",
    "MAX_ATTACHMENTS",
    "MAX_ATTACHMENT_BYTES",
    "MAX_ATTACHMENTS_BYTES",
    "RETENTION_DAYS",
)
# What differs from run to run, and what the page shows in its place.
PLANNED = "2027-01-31T08:00:00Z"
VARYING = [
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"), AN_ID),
    (re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]"), "00-9ac2962c93d79629aa5c3744e4259663-…"),
    (re.compile(r"20\d\d-01-31T08:00:00Z"), PLANNED),
    (
        re.compile(rf"(?!{PLANNED})20[0-8]\d-\d\d-\d\dT[0-9:.]+Z"),
        "2026-01-31T12:00:00.123456Z",
    ),
    (re.compile(r"whsec_[\w+/=]+"), "whsec_C2FVsBQIhrscChlQIMV+b5sSYspo…"),
    (re.compile(r'(?<="sequenceNumber": )\d+'), "42"),
    (re.compile(r"http://127\.0\.0\.1:\d+"), "https://notifications.example.no"),
]


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    running = RunningSystem(tmp_path_factory.mktemp("documentation"), name="documentation")
    yield running
    running.stop()


class Reader:
    """A service owner who follows the pages from top to bottom."""

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
        wait_for_all(self.system)


class Newcomer:
    """Somebody who pastes the commands of a page, with addresses and a key of their own."""

    def __init__(self, system: RunningSystem, shell: Shell) -> None:
        self.system = system
        self.shell = shell
        self.last_id = ""

    def follow(self, step: re.Match[str]) -> str:
        """Paste the command; the step with the present answer, where the page has one."""
        command, pasted = step["command"], step["answer"]
        if command.startswith("export "):
            return step[0]
        if "curl" in command and "--data" not in command:
            wait_for_all(self.system)
        printed = self.shell.run(command.replace(AN_ID, self.last_id))
        if pasted is None:
            assert not printed
            return step[0]
        return f"```sh\n{command}```\n\n```http\n{self.shown(printed)}\n```\n"

    def shown(self, printed: str) -> str:
        """What curl -i printed, as the page shows it."""
        head, _, body = printed.replace("\r", "").partition("\n\n")
        first, *lines = head.split("\n")
        headers = Message()
        for line in lines:
            headers[line.partition(": ")[0]] = line.partition(": ")[2]
        answer = Answer(int(first.split()[1]), headers, body.encode())
        if isinstance(answer.json, dict):
            told = answer.json.get("notification", {})
            self.last_id = told.get("shipmentId") or answer.json.get("orderId") or self.last_id
        return shown(answer, "X-Sms-Segments", "X-Sms-Encoding")


def wait_for_all(system: RunningSystem) -> None:
    due = "SELECT status FROM orders_order WHERE requested_send_time < now()"
    system.wait_for(
        lambda: {status for (status,) in system.query(due)} <= ENDS, "all orders to end"
    )


def shown(answer: Answer, *others: str) -> str:
    """An answer as the page shows it, with what varies replaced."""
    head = f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\n"
    for name in ("Location", *others):
        if value := answer.headers[name]:
            head += f"{name}: {value}\n"
    text = f"{head}\n{json.dumps(answer.json, indent=2, ensure_ascii=False)}"
    for pattern, instead in VARYING:
        text = pattern.sub(instead, text)
    return text


def test_the_pages_show_what_the_service_answers(system: RunningSystem) -> None:
    reader = Reader(system)
    for page in PAGES:
        written = page.read_text()
        present = EXCHANGE.sub(reader.follow, written)
        if os.environ.get("PASTE"):
            page.write_text(present)
        assert present == page.read_text()
        assert written.count("```http") == 2 * len(EXCHANGE.findall(written))


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_a_newcomer_can_follow_the_first_steps(system: RunningSystem, tmp_path: Path) -> None:
    page = STARTING.read_text()
    [program] = [block["text"] for block in BLOCK.finditer(page) if block["kind"] == "python"]
    (tmp_path / "altinn_token.py").write_text(program)
    outside = system.outside
    own = {
        "MASKINPORTEN": outside.environment["MASKINPORTEN_URL"].removesuffix("token"),
        "ALTINN": outside.url,
        "CLIENT_ID": outside.environment["MASKINPORTEN_CLIENT_ID"],
        "KEY_ID": "1",
        "KEY_FILE": outside.environment["MASKINPORTEN_KEY"],
        "base": f"{system.url}{BASE}",
    }
    newcomer = Newcomer(system, Shell(tmp_path, own))
    present = ANSWERED.sub(newcomer.follow, page)
    if os.environ.get("PASTE"):
        STARTING.write_text(present)
    assert present == STARTING.read_text()
    answers = [step for step in ANSWERED.finditer(page) if step["answer"] is not None]
    assert page.count("```http") == len(answers) > 0


def test_the_norwegian_page_has_the_same_sections_requests_and_answers() -> None:
    english, norwegian = STARTING.read_text(), BEGINNING.read_text()
    assert skeleton(norwegian) == skeleton(english)
    assert code(norwegian) == code(english)


def test_the_limits_in_numbers_are_the_settings() -> None:
    table = STARTING.read_text().partition("## Limits in numbers")[2].partition("\n## ")[0]
    told = {int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", table)}
    assert told >= {getattr(settings, name) for name in LIMITS} | {MAX_REFERENCE_BYTES, MAX_PAGE}


def skeleton(page: str) -> list[str]:
    """Headings by their level, and rows of tables by their cells, in their order."""
    prose = BLOCK.sub("", page)
    lines = re.findall(r"^(?:#+ |\|.*\|$)", prose, re.MULTILINE)
    return [line if line[0] == "#" else f"row of {line.count('|') - 1}" for line in lines]


def code(page: str) -> list[str]:
    """Blocks, without their comments."""
    return [re.sub(r" *# .*", "", block["text"]) for block in BLOCK.finditer(page)]
