"""No message reaches a gateway but by the one function that first asks whether it is simulated."""

import ast
from collections.abc import Iterator

from tests.architecture.test_tree import APPS, ROOT, modules

WAY_OUT = ("dispatch/sending/in_flight.py", "send")


def sends_in(source: str) -> Iterator[str]:
    """The functions that wait for somebody's `send`."""
    for function in ast.walk(ast.parse(source)):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for node in ast.walk(function):
            match node:
                case ast.Await(value=ast.Call(func=ast.Attribute(attr="send"))):
                    yield function.name


def outside_gateways() -> list[str]:
    """What a gateway does within itself is its own."""
    return [
        str(path)
        for path in modules()
        if path.parts[0] in APPS and path.parts[:2] != ("dispatch", "gateways")
    ]


def test_one_function_hands_messages_to_gateways() -> None:
    found = [
        (module, function)
        for module in outside_gateways()
        for function in sends_in((ROOT / module).read_text())
    ]
    assert found == [WAY_OUT]


def test_it_asks_first_whether_nothing_may_leave() -> None:
    module, name = WAY_OUT
    [function] = [
        node
        for node in ast.parse((ROOT / module).read_text()).body
        if isinstance(node, ast.AsyncFunctionDef) and node.name == name
    ]
    words = ast.unparse(function)
    assert 0 < words.index("simulation.answer(") < words.index("transport.send(")


def test_another_way_out_would_be_found() -> None:
    source = "async def hurry(self):\n    return await transport_for(SMS).send(message)\n"
    assert list(sends_in(source)) == ["hurry"]
