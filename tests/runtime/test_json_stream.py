"""Long answers are written in pieces, and sent piece by piece."""

from collections import deque
from typing import Any

import orjson
import pytest
from django.http import HttpResponse, StreamingHttpResponse

from runtime.json_stream import answer, document, fragment, written

MEMBERS = {"id": 1, "what": "]}"}


def of(items: list[Any]) -> deque[bytes]:
    return document(MEMBERS, last="list", items=written(items, max_items=3))


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 6, 7, 9])
@pytest.mark.parametrize("item", [1, None, 'æ\n"\\],[', [], [[]], {"a": []}])
def test_a_document_reads_as_if_written_at_once(count: int, item: Any) -> None:
    items = [item] * count
    assert len(written(items, max_items=3)) == -(-count // 3)
    assert b"".join(of(items)) == orjson.dumps(MEMBERS | {"list": items})


@pytest.mark.parametrize("items", [[], [1], [{"a": []}, None, 'æ\n"\\'], [[], [[]]]])
def test_a_list_within_a_document_reads_as_if_written_at_once(items: list[Any]) -> None:
    for max_items in (1, 2, 1_000):
        written_apart = fragment(written(items, max_items=max_items))
        assert orjson.dumps({"list": written_apart}) == orjson.dumps({"list": items})


def test_a_short_answer_is_sent_as_a_whole() -> None:
    response = answer(of([1, 2, 3]))
    assert isinstance(response, HttpResponse)
    assert response.content == orjson.dumps(MEMBERS | {"list": [1, 2, 3]})


@pytest.mark.django_db
def test_a_long_one_is_forgotten_as_it_is_sent_and_tells_its_length() -> None:
    pieces = of([1, 2, 3, 4])
    whole = b"".join(pieces)
    response = answer(pieces)
    assert isinstance(response, StreamingHttpResponse)
    assert response["Content-Length"] == str(len(whole))
    sent = []
    for number, piece in enumerate(response, start=1):
        sent.append(piece)
        assert len(pieces) == 4 - number
    assert b"".join(sent) == whole
