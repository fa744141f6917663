"""JSON in and JSON out: what bodies may look like, and how answers are written."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.utils.http import parse_header_parameters
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

DEEPEST_NESTING = 32
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_PIECE = 65_536
# How much of a body that is too large is read before it is refused, in times of the limit.
_MOST_DISCARDED = 2


class EmptyBody(Exception):
    """There is no body, or it is `null`."""


class NotJson(Exception):
    """The body is not the JSON that the contract takes; the text says why and where."""


class JsonBody(BaseParser):
    """Strict JSON in UTF-8: no comments, trailing commas or NaN; of equal names the last counts.

    Raises EmptyBody, NotJson, or RequestDataTooBig.
    """

    media_type = "application/json"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body = _whole_body((parser_context or {})["request"]).removeprefix(_BYTE_ORDER_MARK)
        if not body or body.isspace():
            raise EmptyBody
        try:
            document = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise NotJson(
                f"The JSON is not valid: {error.msg}. Path: $ | LineNumber: {error.lineno - 1}"
                f" | BytePositionInLine: {error.colno - 1}."
            ) from None
        if document is None:
            raise EmptyBody
        if _is_nested_deeper(document, than=DEEPEST_NESTING):
            raise NotJson(f"The JSON is nested deeper than {DEEPEST_NESTING} levels. Path: $.")
        return document


class JsonAnswer(BaseRenderer):
    """Compact JSON; nothing for an answer without a body."""

    media_type = "application/json"
    format = "json"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else orjson.dumps(data)


class AlwaysJson(BaseContentNegotiation):
    """Answers JSON whatever the caller says that it accepts, and takes nothing else."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        sent, _ = parse_header_parameters(request.content_type)
        return next((parser for parser in parsers if parser.media_type == sent), None)

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, str(renderer.media_type)


def _whole_body(request: Request) -> bytes:
    """Also of a body whose length was not announced, where the server knows its end."""
    announced = request.META.get("CONTENT_LENGTH") or ""
    if not announced and request.META.get("wsgi.input_terminated"):
        return _unannounced_body(request)
    try:
        body = bytes(request.body)
    except RequestDataTooBig:
        _discard(request, int(announced))
        raise
    if announced.isdecimal() and len(body) < int(announced):
        raise NotJson(f"The body ends before its {announced} bytes. Path: $.")
    return body


def _unannounced_body(request: Request) -> bytes:
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    pieces, length = [], 0
    while piece := request.META["wsgi.input"].read(_PIECE):
        length += len(piece)
        if length <= most:
            pieces.append(piece)
        elif length > _MOST_DISCARDED * most:
            break
    if length > most:
        raise RequestDataTooBig
    return b"".join(pieces)


def _discard(request: Request, length: int) -> None:
    """Let the caller finish: one who is still sending would find the connection broken, and not
    read the answer. One who has asked first (`Expect`) is still waiting for it."""
    if "HTTP_EXPECT" in request.META:
        return
    left = min(length, _MOST_DISCARDED * settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    while left > 0 and (piece := request.META["wsgi.input"].read(min(_PIECE, left))):
        left -= len(piece)


def _is_nested_deeper(document: Any, *, than: int) -> bool:
    level = [document] if isinstance(document, dict | list) else []
    for _ in range(than):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True
