"""Long answers are written piece by piece."""

from typing import Any

import orjson
import pytest
from django.http import HttpResponse, StreamingHttpResponse

from notifications.api import long_answers
from notifications.api.long_answers import answer, in_pieces

MEMBERS = {"id": 1, "what": "]}"}


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_answers, "_AT_ONCE", 3)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 6, 7, 9])
@pytest.mark.parametrize("item", [1, None, 'æ\n"\\],[', [], [[]], {"a": []}])
def test_a_document_reads_as_if_written_at_once(count: int, item: Any) -> None:
    items = [item] * count
    pieces = list(in_pieces(MEMBERS, last="list", items=iter(items)))
    assert b"".join(pieces) == orjson.dumps(MEMBERS | {"list": items})
    assert len(pieces) == max(1, -(-count // 3))


def test_one_piece_is_sent_with_its_length() -> None:
    response = answer(in_pieces(MEMBERS, last="list", items=iter([1, 2, 3])))
    assert isinstance(response, HttpResponse)
    assert response.content == orjson.dumps(MEMBERS | {"list": [1, 2, 3]})


@pytest.mark.django_db
def test_several_pieces_are_written_as_they_are_taken() -> None:
    items = iter(range(100))
    response = answer(in_pieces(MEMBERS, last="list", items=items))
    assert isinstance(response, StreamingHttpResponse)
    assert next(items) < 15
    assert response.getvalue().endswith(b",98,99]}")
