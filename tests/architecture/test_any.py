"""`Any` turns the type checker off, and spreads: it stays where a library gives nothing better."""

import ast

from tests.architecture.test_clock import PRODUCT
from tests.architecture.test_tree import ROOT

MAX_LINES = 127
"""To be lowered with what is there: for a new one, another has to go."""


def lines_with_any(source: str) -> set[int]:
    """Where it is imported or stands in an annotation, quoted ones among them."""
    return {
        node.lineno
        for node in ast.walk(ast.parse(source))
        if (isinstance(node, ast.Name) and node.id == "Any")
        or (isinstance(node, ast.alias) and node.name == "Any")
        or (isinstance(node, ast.Constant) and "[Any" in str(node.value))
    }


def test_any_does_not_spread() -> None:
    found = {
        str(path.relative_to(ROOT)): sorted(lines)
        for folder in (*PRODUCT, "script", "bench")
        for path in (ROOT / folder).rglob("*.py")
        if (lines := lines_with_any(path.read_text()))
    }
    assert sum(map(len, found.values())) <= MAX_LINES, found


def test_it_is_seen_wherever_it_is_named() -> None:
    source = (
        "from typing import Any\n"
        'def f(x: dict[str, Any], y: "list[Any]") -> None: ...\n'
        "anything = 1\n"
    )
    assert lines_with_any(source) == {1, 2}
