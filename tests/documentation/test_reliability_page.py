"""The table of promises names tests, modules and alerts that there are."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/reliability.md").read_text()
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
