"""Lists that are written as they grow."""

from typing import Any

import orjson
import pytest

from runtime.json_stream import JsonList


@pytest.mark.parametrize("items", [[], [1], [{"a": []}, None, 'æ\n"\\'], [[], [[]]]])
def test_a_list_reads_as_if_written_at_once(items: list[Any]) -> None:
    growing = JsonList()
    for item in items:
        growing.append(item)
    assert len(growing) == len(items)
    assert orjson.dumps({"list": growing.fragment()}) == orjson.dumps({"list": items})
