"""That the database is away is one idea: nobody judges it by the class of an exception.

The classes are psycopg's and Django's; a database that has become read-only is an `InternalError`
there, as faults of PostgreSQL itself are.
"""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.test_tree import APPS, ROOT, modules

CLASSES = {"OperationalError", "InterfaceError", "InternalError", "PoolTimeout"}
ALLOWED = {
    "config/database/base.py": "the pool waits in vain, which is the pool's own business",
    "runtime/database/away.py": "the one idea",
}
BLUNT = """
try:
    work()
except (ValueError, psycopg.OperationalError):
    pass
match error:
    case django.db.InterfaceError():
        pass
with suppress(InternalError):
    work()
"""


def judged(source: str) -> Iterator[str]:
    """The classes of exceptions that the code catches, matches, suppresses or asks for."""
    for node in ast.walk(ast.parse(source)):
        parts: list[ast.AST] = []
        if isinstance(node, ast.ExceptHandler) and node.type:
            parts = [node.type]
        elif isinstance(node, ast.MatchClass):
            parts = [node.cls]
        elif isinstance(node, ast.Call) and _name(node.func) in ("suppress", "isinstance"):
            parts = list(node.args)
        for part in parts:
            yield from (name for inner in ast.walk(part) if (name := _name(inner)) in CLASSES)


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


@pytest.mark.parametrize("app", [*APPS, "manage.py"])
def test_nobody_judges_by_the_class_whether_the_database_is_away(app: str) -> None:
    """Else: `except Error as error`, and ask `runtime.database.away`."""
    paths = [path for path in modules() if path.parts[0] == app] or [ROOT / app]
    found = {
        str(path): names
        for path in paths
        if str(path) not in ALLOWED and (names := list(judged((ROOT / path).read_text())))
    }
    assert found == {}


def test_whoever_did_would_be_found() -> None:
    assert sorted(judged(BLUNT)) == ["InterfaceError", "InternalError", "OperationalError"]


@pytest.mark.parametrize("path", ALLOWED)
def test_whoever_is_allowed_to_does(path: str) -> None:
    assert list(judged((ROOT / path).read_text()))
