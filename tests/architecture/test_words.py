"""One idea has one word: names in the code say what the field says, and not what stood there once.

Left the words that no name holds, right what is said instead.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.test_tree import APPS, ROOT, modules

INSTEAD = {
    "deed": "action",
    "drafting": "rendering",
    "fate": "status",
    "fence": "ssrf guard",
    "hurried": "sent now",
    "hurry": "retry now, send now",
    "oslo": "local time",
    "outlook": "preview",
    "patience": "timeout",
    "plainly": "what it is",
    "promising": "what it is",
    "situation": "operations status",
    "tick": "job, run",
    "ticks": "job runs",
    "trail": "audit log",
    "vain": "what it is",
    "workload": "backlog",
}
LIMITS = {"MOST", "LONGEST", "LARGEST", "DEEPEST"}
"""How no constant begins: what is at most begins with MAX_. Nor does one end with AT_ONCE."""
FOR_GOOD_REASON = {
    # Celery's own name, the kernel's unit of time, and the parts of a second in a UUID.
    ("bench/processes.py", "_TICKS"),
    ("config/jobs/beat.py", "tick"),
    ("runtime/uuid7.py", "_TICKS"),
    ("runtime/uuid7.py", "ticks"),
}


def names_in(source: str) -> Iterator[str]:
    """What the module itself gives a name to."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.ClassDef(name=name) | ast.arg(arg=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
            case ast.alias(asname=str(name)):
                yield name


def words_of(name: str) -> list[str]:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).strip("_").split("_")


def is_unfit(name: str) -> bool:
    words = words_of(name)
    if name.isupper() and (words[0] in LIMITS or words[-2:] == ["AT", "ONCE"]):
        return True
    return "MessageChannel" in name or any(word.lower() in INSTEAD for word in words)


def unfit_names(path: Path) -> set[tuple[str, str]]:
    names = [path.stem, *names_in((ROOT / path).read_text())]
    return {(str(path), name) for name in names if is_unfit(name)}


def test_names_keep_to_the_words() -> None:
    product = [
        path
        for path in modules()
        if path.parts[0] in {*APPS, "bench", "script"} and "migrations" not in path.parts
    ]
    assert set().union(*map(unfit_names, product)) == FOR_GOOD_REASON


@pytest.mark.parametrize(
    "name",
    ["hurry_on", "OsloTime", "LONGEST_SEND", "_MOST_ROWS", "FILES_AT_ONCE", "MessageChannel"],
)
def test_a_name_that_does_not_would_be_found(name: str) -> None:
    assert [one for one in names_in(f"{name} = 1") if is_unfit(one)] == [name]


@pytest.mark.parametrize("name", ["most_rows_read", "MAX_ROWS", "at_once", "send_now", "sticky"])
def test_any_other_name_is_let_pass(name: str) -> None:
    assert not is_unfit(name)
