"""Each block of commands and each list of steps that operators are told to take says, unseen by
readers, which test takes them, or that none does."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("deploy/README.md", "docs/reliability.md")
BEGINS = re.compile(r"^(?:```\w+|1\. )", re.M)
MARK = re.compile(r"<!-- (Executed by|Not executed:) (.+) -->\n$")
TESTS = re.compile(r"\btests/[\w/]+\.py\b")


def marks(page: str) -> list[tuple[str, str, str]]:
    """What begins, and its mark in two: empty where it has none."""
    found = []
    for begins in BEGINS.finditer(page):
        mark = MARK.search(page[: begins.start()])
        line = page[begins.start() :].partition("\n")[0]
        found.append((line, mark[1] if mark else "", mark[2] if mark else ""))
    return found


@pytest.mark.parametrize("name", PAGES)
def test_what_operators_are_told_to_do_is_executed_or_marked_as_not(name: str) -> None:
    found = marks((ROOT / name).read_text())
    assert found
    assert [line for line, kind, _ in found if not kind] == []
    for _, kind, words in found:
        tests = TESTS.findall(words)
        assert tests or kind == "Not executed:"
        assert [test for test in tests if not (ROOT / test).is_file()] == []


def test_a_step_without_a_mark_would_be_found() -> None:
    page = "<!-- Executed by tests/a.py -->\n```sh\nls\n```\n\n1. Stop.\n2. Start.\n"
    assert [kind for _, kind, _ in marks(page)] == ["Executed by", ""]
