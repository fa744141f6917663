"""Each of several workers collects the same tests: no test's name depends on time or chance.

They compare what they have collected, and none runs anything where it differs.
"""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
OF_THE_MOMENT = {"time", "time_ns", "monotonic", "now", "utcnow", "today", "uuid1", "uuid4"}
OF_THE_MOMENT |= {"uuid7", "urandom", "token_hex", "token_urlsafe", "token_bytes", "randbelow"}
OF_THE_MOMENT |= {"random", "randint", "choice", "sample", "getpid", "free_port", "gettempdir"}

IN_WORDS = {"str", "repr", "int", "float", "round"}


def moving(source: str) -> list[str]:
    """Parameters that are named after the moment, or come in the order of a set."""
    tree = ast.parse(source)
    made = {
        target.id: statement.value
        for statement in tree.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    return [
        f"line {call.lineno}: {ast.unparse(reason)}"
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("mark.parametrize")
        for reason in _of_all(call.args[1], made)
    ]


def _of_all(values: ast.expr, made: Mapping[str, ast.expr]) -> Iterator[ast.expr]:
    match values:
        case ast.Name(id=name) if name in made:
            yield from _of_all(made[name], {**made, name: ast.Constant(None)})
        case ast.Set() | ast.SetComp():
            yield values
        case ast.Call(func=func) if _name(func) in ("set", "frozenset"):
            yield values
        case ast.Call(func=func, args=[inner, *_]) if _name(func) in ("list", "tuple"):
            yield from _of_all(inner, made)
        case ast.BinOp(left=left, right=right):
            yield from _of_all(left, made)
            yield from _of_all(right, made)
        case ast.ListComp(generators=generators) | ast.GeneratorExp(generators=generators):
            for generator in generators:
                yield from _of_all(generator.iter, made)
        case ast.List(elts=rows) | ast.Tuple(elts=rows):
            for row in rows:
                if isinstance(row, ast.Starred):
                    yield from _of_all(row.value, made)
                for value in row.elts if isinstance(row, ast.Tuple) else [row]:
                    yield from _of_one(value, made)


def _of_one(value: ast.AST, made: Mapping[str, ast.expr]) -> Iterator[ast.expr]:
    """What makes up the value's name. A collection is named by its number."""
    match value:
        case ast.List() | ast.Dict() | ast.Set() | ast.Tuple() | ast.Lambda() | ast.Starred():
            return
        case ast.Call(func=func, keywords=words) if _name(func) == "param" and words:
            return  # it has a name of its own
        case ast.Call(func=func) if _name(func) in OF_THE_MOMENT:
            yield value
        case ast.Call(func=ast.Name(id=maker)) if maker not in IN_WORDS:
            return  # of an object, too
        case ast.Name(id=name) if name in made:
            yield from _of_one(made[name], {**made, name: ast.Constant(None)})
        case _:
            for child in ast.iter_child_nodes(value):
                yield from _of_one(child, made)


def _name(func: ast.expr) -> str:
    return ast.unparse(func).rpartition(".")[2]


@pytest.mark.parametrize(
    "source",
    [
        "NOW = int(time.time())\n@pytest.mark.parametrize('at', [1, str(NOW + 600)])\ndef f(): ...",
        "@pytest.mark.parametrize(('at', 'b'), [(f'{uuid4()}', 1)])\ndef f(): ...",
        "@pytest.mark.parametrize('at', {'a', 'b'})\ndef f(): ...",
        "A = {'a'}\nB = [*A, 'b']\n@pytest.mark.parametrize('at', B)\ndef f(): ...",
        "A = {'a'}\n@pytest.mark.parametrize('at', [x for x in A])\ndef f(): ...",
    ],
)
def test_what_moves_is_seen(source: str) -> None:
    assert moving(source)


@pytest.mark.parametrize(
    "source",
    [
        "@pytest.mark.parametrize('at', sorted({'a', 'b'}))\ndef f(): ...",
        "A = {'a'}\n@pytest.mark.parametrize('at', [x for x in B if x in A])\ndef f(): ...",
        "@pytest.mark.parametrize(('at', 'b'), [({'a', 'b'}, [uuid4()])])\ndef f(): ...",
        "@pytest.mark.parametrize('at', [an_order(uuid4())])\ndef f(): ...",
        "@pytest.mark.parametrize('at', [pytest.param(time.time(), id='now')])\ndef f(): ...",
    ],
)
def test_what_stands_still_is_let_be(source: str) -> None:
    assert moving(source) == []


def test_no_tests_name_depends_on_time_or_chance() -> None:
    found = {
        str(path.relative_to(TESTS)): moves
        for path in sorted(TESTS.rglob("test_*.py"))
        if (moves := moving(path.read_text()))
    }
    assert found == {}
