"""The promises name tests, modules and alerts that there are, the runbook what can be done."""

import re
import shlex
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands, load_command_class

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/reliability.md").read_text()
RUNBOOK = PAGE[PAGE.index("\n## Runbook") :]
ENTRY = re.compile(r"^### (?P<alarm>\w+)\n\n(?P<steps>.*?)(?=^### |\n\n[^-\n])", re.M | re.S)
STEPS = ["For recipients", "Look at", "Do", "Wake somebody", "Do not"]
# What a reader puts in for the words of the runbook.
IDS = {"ORDER": "0198e0a5-1c2d-7e3f-8a4b-5c6d7e8f9a0b"}
ROWS = [row for row in PAGE.splitlines() if row.startswith("| ") and "`" in row]


def words_in(column: int) -> list[str]:
    """What stands between backticks in the column, row by row."""
    cells = [row.split(" | ")[column] for row in ROWS]
    return [word for cell in cells for word in re.findall("`([^`]+)`", cell)]


def test_every_promise_names_its_tests_and_each_of_them_exists() -> None:
    assert len(ROWS) >= 10
    for row in ROWS:
        assert re.search(r"`[\w/]+\.py", row.split(" | ")[2]), row
    path = ""
    for word in words_in(2):
        if word.startswith("script/"):
            assert (ROOT / word).exists(), word
            continue
        named, _, test = word.partition("::")
        path = named or path
        source = (ROOT / "tests" / path).read_text()
        assert f"def {test}(" in source or not test, word


def test_every_module_exists() -> None:
    for word in words_in(1):
        assert "/" not in word or (ROOT / word).exists(), word


def test_every_alert_and_number_exists() -> None:
    alerts = (ROOT / "deploy/prometheus/alerts.yaml").read_text()
    for word in words_in(3):
        assert f"alert: {word}\n" in alerts or word in alerts, word


def alarms() -> list[str]:
    groups = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yaml").read_text())["groups"]
    return [rule["alert"] for group in groups for rule in group["rules"]]


def quoted() -> list[str]:
    """What stands between backticks in the runbook."""
    return re.findall("`([^`]+)`", RUNBOOK)


def test_the_runbook_tells_of_the_likeliest_alarms_what_to_do_and_what_not() -> None:
    entries = {entry["alarm"]: entry["steps"] for entry in ENTRY.finditer(RUNBOOK)}
    assert len(entries) == RUNBOOK.count("\n### ") >= 10
    assert set(entries) <= set(alarms())
    for alarm, steps in entries.items():
        assert re.findall(r"^- \*\*(.+?)\*\*", steps, re.M) == STEPS, alarm


def test_every_alarm_is_in_the_runbook_and_none_that_there_is_not() -> None:
    camel = re.findall(r"\b(?:[A-Z][a-z]+){2,}\b", RUNBOOK)
    headed = [entry["alarm"] for entry in ENTRY.finditer(RUNBOOK)]
    assert set(alarms()) <= {*headed, *quoted()}
    assert set(camel) - set(alarms()) <= {"RateLimit"}


@pytest.mark.parametrize("line", [w for w in quoted() if w.startswith("manage.py ")])
def test_every_command_of_the_runbook_can_be_given_as_it_stands(line: str) -> None:
    _, name, *words = [IDS.get(word, word) for word in shlex.split(line)]
    app = get_commands()[name]
    assert isinstance(app, str)
    parser = load_command_class(app, name).create_parser("manage.py", name)
    parser.allow_abbrev = False
    parser.parse_args(words)


def test_every_number_page_and_setting_of_the_runbook_exists() -> None:
    deploy = ROOT / "deploy"
    watched = (deploy / "prometheus/alerts.yaml").read_text()
    watched += (deploy / "grafana/notifications.json").read_text()
    numbers = {word for word in quoted() if word.startswith("notifications_")}
    assert len(numbers) > 5
    assert {
        number for number in numbers if not re.search(rf"\b{number}(_bucket)?\b", watched)
    } == set()
    pages = {
        str(entry["title"])
        for group in settings.UNFOLD["SIDEBAR"]["navigation"]
        for entry in group["items"]
    }
    assert set(re.findall(r"(?<!\*)\*(\w[\w ]+)\*(?!\*)", RUNBOOK)) <= pages
    known = (ROOT / "docs/settings.md").read_text()
    named = {word for word in quoted() if re.fullmatch("[A-Z]+_[A-Z_]+", word)}
    assert {word for word in named if f"`{word}`" not in known} == set()
