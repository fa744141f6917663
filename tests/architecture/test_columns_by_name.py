"""SQL names its columns: a statement that takes all there are breaks when a migration adds one, in
every process that has it prepared."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.test_tree import APPS, ROOT, modules

_SQL = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|RETURNING|FROM|COPY)\b")
_ALL_COLUMNS = re.compile(r"(?<!\()\*\s*(?:,|\bFROM\b|$|\))|\b\w+\.\*|\b(?:SELECT|RETURNING)\s+\*")
_ALONE = re.compile(r"\w+\.\*")


def stars(source: str) -> Iterator[str]:
    """The statements, and parts of statements, that ask for columns without naming them."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        text = re.sub(r"count\(\*\)", "", node.value)
        if _ALONE.fullmatch(text.strip()) or (_SQL.search(text) and _ALL_COLUMNS.search(text)):
            yield node.value


@pytest.mark.parametrize("app", APPS)
def test_every_statement_names_its_columns(app: str) -> None:
    found = {
        str(path): asked
        for path in modules()
        if path.parts[0] == app
        and "migrations" not in path.parts
        and (asked := list(stars((ROOT / path).read_text())))
    }
    assert found == {}


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM orders_order",
        "SELECT o.* FROM orders_order o",
        "SELECT o.id, c.*\nFROM orders_order o",
        "SELECT id, * FROM orders_order",
        "UPDATE orders_order SET status = 'New' RETURNING *",
        "INSERT INTO a SELECT b.* FROM b",
        "orders_order.*",
    ],
)
def test_one_that_does_not_would_be_found(statement: str) -> None:
    assert list(stars(f"x = {statement!r}")) == [statement]


@pytest.mark.parametrize("statement", ["SELECT count(*) FROM orders_order", "SELECT a FROM b"])
def test_what_names_or_counts_is_let_pass(statement: str) -> None:
    assert list(stars(f"x = {statement!r}")) == []
