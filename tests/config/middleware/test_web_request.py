"""No header makes a request fail before any view is asked."""

import io
from typing import Any

import pytest

from config.middleware.web_request import UNREADABLE, Request

ODD = [
    "text/plain; charset*=utf-8''utf-8%00",
    "text/plain; charset*=nonsense''x",
    "text/plain; charset*=idna''x%ff",
    "text/plain; charset*=a'b",
    "text/plain; charset*='''''",
    "text/plain; a=" + "x" * 20_000,
]


def request(content_type: str, body: bytes = b"") -> Request:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/",
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)),
        "QUERY_STRING": "name=%C3%A5",
        "wsgi.input": io.BytesIO(body),
    }
    return Request(environ)


@pytest.mark.parametrize("content_type", ODD)
def test_a_content_type_that_cannot_be_read_is_none_that_anybody_takes(content_type: str) -> None:
    odd = request(content_type)
    if odd.content_type != "text/plain":
        assert (odd.content_type, odd.content_params) == (UNREADABLE, {})
        assert odd.META["CONTENT_TYPE"] == UNREADABLE
    assert odd.POST == {}


@pytest.mark.parametrize("charset", ["utf-16", "zlib", "rot13", "idna", "punycode", "UTF8", "x"])
def test_addresses_and_forms_are_utf_8_whatever_the_charset(charset: str) -> None:
    form = request(f"application/x-www-form-urlencoded; charset={charset}", b"name=%C3%A5")
    assert form.content_params == {"charset": charset}
    assert (form.GET["name"], form.POST["name"]) == ("å", "å")
