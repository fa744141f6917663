"""In which characters a posted XML document is written.

Outside sources: RFC 7303, 3 (https://www.rfc-editor.org/rfc/rfc7303#section-3): a byte order mark
comes before the header's charset, and that before the declaration; 9.2: text/xml is application/xml
by another name. XML 1.0, appendix F (https://www.w3.org/TR/xml/#sec-guessing).
"""

import codecs
import re

# By Python's own names, of those that a gateway may have reason to use. Python knows many more,
# and some are expensive.
ENCODINGS = frozenset(
    {
        *("utf-8", "utf-16", "utf-16-le", "utf-16-be"),
        *("iso8859-1", "iso8859-15", "cp1252", "ascii"),
    }
)
USUAL = "iso8859-1"
# Text may be a document, too, and is what some clients say of anything.
MEDIA_TYPES = frozenset({"application/xml", "text/xml", "text/plain", ""})

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNMARKED = ((b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be"))
_DECLARED = re.compile(rb"<\?xml\s[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")


class UnknownCharacters(Exception):
    """The header names a charset that no gateway writes."""


def is_xml(media_type: str) -> bool:
    """`media_type` is the header's, in small letters and without parameters."""
    return media_type in MEDIA_TYPES or media_type.endswith("+xml")


def encoding_of(charset: str) -> str:
    """Python's name of the header's charset, "" where it names none. Raises UnknownCharacters."""
    charset = charset.strip(" \t'\"")
    if not charset:
        return ""
    try:
        name = codecs.lookup(charset).name
    except (LookupError, ValueError):
        name = ""
    if name not in ENCODINGS:
        raise UnknownCharacters
    return name


def decoded(body: bytes, *, encoding: str) -> str:
    """The document, without white space around it, which may not precede a declaration. `encoding`
    is the header's. Raises UnicodeError."""
    for mark, marked in _MARKS:
        if body.startswith(mark):
            return body.removeprefix(mark).decode(marked).strip()
    return body.decode(encoding or _told_by(body.lstrip())).strip()


def _told_by(document: bytes) -> str:
    """What the document itself says of its encoding; the contract's usual one if it says nothing
    that can be. What says in plain ASCII that it is UTF-16 is what .NET makes of a string, and
    mostly is UTF-8 by then."""
    for beginning, unmarked in _UNMARKED:
        if document.startswith(beginning):
            return unmarked
    if declared := _DECLARED.match(document):
        try:
            said = encoding_of(declared[1].decode("ascii"))
        except UnknownCharacters:
            return USUAL
        return "utf-8" if said.startswith("utf-16") else said
    return USUAL
