"""JSON in and JSON out: what bodies may look like, and how answers are written."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from django.conf import settings
from django.utils.http import parse_header_parameters
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from runtime.front.refusals import BodyWanted, Refused

MAX_NESTING = 32
# Values of one recipient, unknown ones included, and texts of an order, which may hold braces.
VALUES_OF_ONE, TEXTS = 16, 4
SMALL = 65_536
"""Bytes of a body whose values need not be counted."""
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class EmptyBody(Exception):
    """There is no body, or it is `null`."""


class NotJson(Exception):
    """The body is not the JSON that the contract takes; the text says why and where."""


class JsonBody(BaseParser):
    """Strict JSON in UTF-8: no comments, trailing commas or NaN; of equal names the last counts.

    Raises EmptyBody, NotJson, or Refused, if the body was not taken in.
    """

    media_type = "application/json"

    def parse(
        self,
        stream: object,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body = _whole_body((parser_context or {})["request"]).removeprefix(_BYTE_ORDER_MARK)
        if not body or body.isspace():
            raise EmptyBody
        if len(body) > SMALL and _holds_too_much(body):
            raise NotJson(
                "The JSON holds more values than an order can have: it may have"
                f" {settings.MAX_RECIPIENTS} recipients. Path: $."
            )
        try:
            document = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise NotJson(
                f"The JSON is not valid: {error.msg}. Path: $ | LineNumber: {error.lineno - 1}"
                f" | BytePositionInLine: {error.colno - 1}."
            ) from None
        if document is None:
            raise EmptyBody
        if _is_nested_deeper(document, than=MAX_NESTING):
            raise NotJson(f"The JSON is nested deeper than {MAX_NESTING} levels. Path: $.")
        return document


class JsonAnswer(BaseRenderer):
    """Compact JSON; nothing for an answer without a body."""

    media_type = "application/json"
    format = "json"
    charset = "utf-8"

    def render(
        self,
        data: object,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, object] | None = None,
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
    try:
        return bytes(request.body)
    except BodyWanted as wanted:
        if wanted.refusal is None:
            raise
        raise Refused(wanted.refusal) from None


def _holds_too_much(body: bytes) -> bool:
    """Whether it surely does, told before a value of two bytes becomes an object of two hundred."""
    recipients: int = settings.MAX_RECIPIENTS
    in_texts: int = TEXTS * settings.MAX_TEXT_BYTES
    containers = body.count(b"{") + body.count(b"[")
    return (
        containers > recipients + in_texts
        or containers + body.count(b",") > VALUES_OF_ONE * recipients + in_texts
    )


def _is_nested_deeper(document: object, *, than: int) -> bool:
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
