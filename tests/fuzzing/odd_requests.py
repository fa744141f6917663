"""Odd requests to pages: what is put into their paths, questions, fields, cookies and headers."""

import json
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, quote_from_bytes, urlsplit

VALUES: tuple[bytes, ...] = (
    *(b"", b" ", b"0", b"-1", b"1", b"9" * 30, b"1e400", b"NaN", b"0x10", b"1_0", b"true", b"None"),
    *(b"2147483648", b"9223372036854775808", b"-9223372036854775809", b"null", b"[]", b"{}", b"%"),
    *(b"a" * 40, b"a" * 256, b"a" * 5_000, b"\x00", b"a\x00b", b"\xff\xfe", b"\xed\xa0\x80"),
    *(
        "²".encode(),
        "٣".encode(),
        "\u202e".encode(),
        "\u200b".encode(),
        "😀".encode(),
        "ẞ".encode(),
    ),
    *(
        b"'",
        b'"',
        b"<b>",
        b"%s",
        b"{0}",
        b"{{7*7}}",
        b"../..",
        b"\r\nX: y",
        b"\\",
        b"a,b;c",
        b"__all__",
    ),
    *(b"0001-01-01", b"9999-12-31", b"2026-02-30", b"2026-01-31", b"0001-01-01T00:00:00"),
    *(b"9999-12-31T23:59:59.999999", b"9999-12-31T23:59:59+23:59", b"24:00", b"-00:00", b"12:00"),
    *(b"00000000-0000-0000-0000-000000000000", b"01990000-0000-7000-8000-000000000000"),
    *(b"ffffffff-ffff-ffff-ffff-ffffffffffff", b"+4799999999", b"01838510058", b"kari@example.com"),
    *(b"a@" + b"b" * 300 + b".example", b"@", b"_2F", b"_00", b"a_ED_A0_80", b"1:2:3", b"*/0"),
)
NAMES = (
    *(b"q", b"o", b"p", b"e", b"all", b"_popup", b"_to_field", b"_changelist_filters", b"_facets"),
    *(b"next", b"after", b"before", b"last", b"term", b"app_label", b"model_name", b"field_name"),
    *(
        b"id__in",
        b"pk",
        b"creator__id__exact",
        b"password__startswith",
        b"\xff",
        b"a\x00",
        b"language",
    ),
)
METHODS = (
    "GET",
    "GET",
    "GET",
    "POST",
    "POST",
    "HEAD",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "TRACE",
)
MEDIA_TYPES = (
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=utf-16",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "multipart/form-data; boundary=" + "x" * 300,
    "application/json",
    "Application/JSON; charset=UTF8",
    "text/xml",
    "application/xml; charset=utf-16",
    "application/xml; charset*=utf-8''utf-8%00",
    "text/plain; charset*=nonsense''x",
    "text/plain; charset*=a'b",
    "a/b; c=" + "d" * 5_000,
    ";;;",
    "",
)
BODIES = (
    *(b"", b"null", b"{}", b"[]", b"x", b"\x00", b"\xff\xfe\x00", b'{"a": ' * 500, b"a=%ff&b=%00"),
    *(
        b"--x\r\n\r\n--x--",
        b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n\x00\r\n--x--\r\n",
    ),
    b"--x\r\nContent-Disposition: form-data; name=a; filename=b\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\n!\r\n--x--\r\n",
    b"&".join(b"a=1" for _ in range(3_000)),
    b"<MSGLST><MSG><ID>1</ID><REF>\xe5</REF><RCV>\xff</RCV><STATE>x</STATE></MSG></MSGLST>",
    b'<?xml version="1.0" encoding="utf-16"?><MSGLST/>',
    b"<" + b"a>" * 20_000,
)
HEADERS: Mapping[str, Sequence[str]] = {
    "Accept": ("*/*", "text/html", "application/json", "x", "q=" * 500),
    "Accept-Encoding": ("gzip", "br;q=nan", "identity;q=0"),
    "Accept-Language": ("nb", "en-US,en;q=0.5", "*", "zz;q=1e999", "a-" * 300, "\xff", ";q=,"),
    "Authorization": (
        "Basic",
        "Basic Og==",
        "Basic \xff",
        "Basic //79",
        "Bearer \xff",
        "x" * 8_000,
    ),
    "Cookie": (
        *(
            "sessionid=",
            "sessionid=x",
            "sessionid=\xff\xfe",
            'sessionid="\\000"',
            "csrftoken=" + "x" * 64,
        ),
        *(
            "messages=x",
            "messages=W10:1:x",
            "django_language=\xff",
            "django_language=../../etc",
            "=;=;",
        ),
    ),
    "Content-Length": ("x",),
    "Expect": ("100-continue",),
    "Host": ("", "x", "\xff", "[::1", "localhost:99999999", "a" * 300),
    "If-Modified-Since": ("x", "Mon, 31 Feb 2026 99:99:99 GMT", "Thu, 01 Jan 0000 00:00:00 GMT"),
    "If-None-Match": ("*", "x", '"'),
    "Origin": ("null", "http://", "http://[", "\xff"),
    "Range": ("bytes=0-", "bytes=9-1", "bytes=" + "9" * 30 + "-", "x=\xff"),
    "Referer": ("x", "http://[", "\xff"),
    "traceparent": ("00-0-0-0", "\xff", "00-" + "f" * 32 + "-" + "f" * 16 + "-01"),
    "X-Forwarded-For": ("1.2.3.4:5", "[::1]:5", ",", "\xff", "a" * 5_000, "unknown"),
    "X-Forwarded-Proto": ("https", "\xff"),
    "X-HTTP-Method-Override": ("DELETE",),
}
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>([^()]*)\)")


@dataclass(frozen=True, slots=True)
class OddRequest:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""

    def __str__(self) -> str:
        return f"{self.method} {self.path} {dict(self.headers)} {self.body[:300]!r}"


@dataclass(slots=True)
class Form(HTMLParser):
    """The names and values that a page offers to send back, in forms and in links to itself."""

    fields: list[tuple[bytes, bytes]] = field(default_factory=list)
    questions: list[tuple[bytes, bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        HTMLParser.__init__(self)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attributes}
        if tag in ("input", "select", "textarea", "button") and found.get("name"):
            self.fields.append((_bytes(found["name"]), _bytes(found.get("value", ""))))
        elif tag == "a" and found.get("href", "").startswith("?"):
            asked = parse_qsl(urlsplit(found["href"]).query, keep_blank_values=True)
            self.questions += [(_bytes(name), _bytes(value)) for name, value in asked]


def read_form(page: bytes) -> Form:
    form = Form()
    form.feed(page.decode(errors="replace"))
    return form


def path_of(pattern: str, known: Mapping[str, Sequence[str]], draw: random.Random) -> str:
    """An address of the pattern, its parameters filled with what exists, or with something odd."""

    def value(found: re.Match[str]) -> str:
        name, choices = str(found[1] or found[2]), str(found[3] or "")
        if re.fullmatch(r"\w+(\|\w+)+", choices):
            return draw.choice(choices.split("|"))
        exists = known.get(name) or known.get("object_id", ())
        if exists and draw.random() < 0.75:
            return quote_from_bytes(_bytes(draw.choice(exists)), safe="")
        return quote_from_bytes(draw.choice(VALUES) or b"x", safe="")

    return "/" + _PARAMETER.sub(value, pattern.replace("^", "").replace("$", ""))


def pairs(offered: Sequence[tuple[bytes, bytes]], draw: random.Random) -> list[tuple[bytes, bytes]]:
    """Some of what was offered, as it was or with another value; sometimes a name of our own."""
    kept = [pair for pair in offered if draw.random() < 0.9]
    found = [(name, draw.choice(VALUES) if draw.random() < 0.25 else was) for name, was in kept]
    if draw.random() < 0.3:
        found.append((draw.choice(NAMES), draw.choice(VALUES)))
    if found and draw.random() < 0.1:
        found.append((draw.choice(found)[0], draw.choice(VALUES)))
    return found


def encoded(found: Sequence[tuple[bytes, bytes]]) -> str:
    return "&".join(
        f"{quote_from_bytes(name, safe='')}={quote_from_bytes(value, safe='')}"
        for name, value in found
    )


def odd_headers(draw: random.Random) -> dict[str, str]:
    names = draw.sample(sorted(HEADERS), draw.choice((0, 0, 1, 2)))
    return {name: draw.choice(HEADERS[name]) for name in names}


def odd_body(draw: random.Random) -> tuple[dict[str, str], bytes]:
    """With a media type, which need not be that of the body."""
    if draw.random() < 0.3:
        document: dict[str, object] = {
            draw.choice("abc"): draw.choice((1, None, [], "x", 1e300)) for _ in range(3)
        }
        return {"Content-Type": "application/json"}, json.dumps(document).encode()
    return {"Content-Type": draw.choice(MEDIA_TYPES)}, draw.choice(BODIES)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
