"""The contract's tests know nothing of our code: they would hold for any implementation of it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = {
    "back_office",
    "config",
    "dispatch",
    "events",
    "notifications",
    "orders",
    "recipients",
    "runtime",
    "django",
}
MODULES = sorted((ROOT / "tests" / "contracts").glob("*.py"))


def imports(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def place(name: str) -> Path | None:
    """The file of a module of the test-suite or of the scripts, or of a name in it."""
    path = ROOT.joinpath(*name.split("."))
    candidates = (path.with_suffix(".py"), path / "__init__.py", path.parent.with_suffix(".py"))
    return next((file for file in candidates if file.is_file()), None)


def reached(module: Path, seen: set[Path]) -> Iterator[tuple[str, str]]:
    """Each import, with the file that makes it, also through other modules of the test-suite."""
    seen.add(module)
    for name in imports(module):
        yield str(module.relative_to(ROOT)), name
        if name.startswith(("tests.", "script.")):
            file = place(name)
            if file and file not in seen:
                yield from reached(file, seen)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_a_contract_test_imports_none_of_our_code(module: Path) -> None:
    assert [found for found in reached(module, set()) if found[1].split(".")[0] in OURS] == []
