"""Requests whose headers may say anything: what cannot be read of them is no reason to fail."""

from typing import Any

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters

from config.middleware.chains import lead_apart

UNREADABLE = "application/octet-stream"


class Request(WSGIRequest):
    """Django's, but that no Content-Type makes it fail before any view is asked.

    Parameters may be encoded (RFC 8187, https://www.rfc-editor.org/rfc/rfc8187), in a charset that
    there is not or with a NUL in it. Addresses and forms are always read as UTF-8: Python knows
    charsets that read no text, and Django refuses forms in another one only halfway.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        self.content_type, self.content_params = _read(meta.get("CONTENT_TYPE", ""))
        if self.content_type == UNREADABLE:
            # Others parse the header once more.
            meta["CONTENT_TYPE"] = UNREADABLE


def _read(content_type: str) -> tuple[str, dict[str, str]]:
    try:
        media_type, parameters = parse_header_parameters(content_type)
    except (ValueError, LookupError):
        return UNREADABLE, {}
    return media_type, parameters


class Application(WSGIHandler):
    request_class = Request

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async)
        lead_apart(self)
