"""The page of the contract's rules agrees with the tests that hold them."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "contract.md"
TESTS = ROOT / "tests"
CONTRACTS = TESTS / "contracts"
RULE = re.compile(r"^\| (?P<rule>[^|]+) \| (?P<held_by>[^|]*) ?\|$", re.MULTILINE)
HEADINGS = {"Rule", "---"}
NAMED = re.compile(r"`(?P<file>[\w/]+\.py)::(?P<test>[\w:]+)`")


def rules() -> dict[str, list[tuple[Path, str]]]:
    """The tests that hold each rule; those named without a folder are the contract's own."""
    found: dict[str, list[tuple[Path, str]]] = {}
    for row in RULE.finditer(PAGE.read_text()):
        if row["rule"] not in HEADINGS:
            assert row["rule"] not in found, f"Twice: {row['rule']}"
            found[row["rule"]] = [named(match) for match in NAMED.finditer(row["held_by"])]
    return found


def named(match: re.Match[str]) -> tuple[Path, str]:
    folder = TESTS if "/" in match["file"] else CONTRACTS
    return folder / match["file"], match["test"]


def names_in(module: Path) -> set[str]:
    """As pytest names them: test functions, and those of test classes behind the class's name."""
    found = set()
    for node in ast.parse(module.read_text()).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            found.add(node.name)
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            methods = [each for each in node.body if isinstance(each, ast.FunctionDef)]
            found |= {f"{node.name}::{m.name}" for m in methods if m.name.startswith("test_")}
    return found


def test_every_rule_is_held_by_a_test() -> None:
    assert len(rules()) > 60
    assert [rule for rule, tests in rules().items() if not tests] == []


def test_every_row_of_the_page_is_read() -> None:
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("|")]
    tables = sum(line.startswith("|---") for line in lines)
    assert len(lines) == len(rules()) + 2 * tables


def test_every_test_that_is_named_exists() -> None:
    all_named = [test for tests in rules().values() for test in tests]
    assert [
        f"{module.relative_to(TESTS)}::{test}"
        for module, test in all_named
        if not module.is_file() or test not in names_in(module)
    ] == []


def test_every_test_of_the_contract_is_named() -> None:
    all_named = {test for tests in rules().values() for test in tests}
    assert [
        f"{module.name}::{test}"
        for module in sorted(CONTRACTS.glob("test_*.py"))
        for test in sorted(names_in(module))
        if (module, test) not in all_named
    ] == []
