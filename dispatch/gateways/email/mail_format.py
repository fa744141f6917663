"""A mail as it travels: header lines and body in ASCII, written once and never read back.

Nothing here is left to a library's header classes: what they fold and encode has changed between
patches of Python, and one of them let a subject make header lines of its own (CVE-2024-6923,
https://www.cve.org/CVERecord?id=CVE-2024-6923).
"""

import re
from collections.abc import Iterator
from datetime import datetime
from email.utils import format_datetime

from recipients.mailboxes import Mailbox, quoted

# RFC 2047, 2 (https://www.rfc-editor.org/rfc/rfc2047#section-2): a line with an encoded word has 76
# characters at most, the header's name among them.
MAX_ENCODED_WORD = 60
MAX_LINE = 76
_BEFORE, _AFTER = "=?utf-8?q?", "?="
# RFC 2047, 5 (3): what may stand for itself even in a name before an address.
_STANDS_FOR_ITSELF = frozenset(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/"
)
_LINE_END = re.compile(r"\r\n|\r")
# Controls and line ends, Unicode's among them.
_NOT_IN_A_LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# All but printable ASCII; spaces where a line ends, since some servers cut them off.
_ESCAPED = re.compile(rb"[^ -<>-~\n]| (?=\n|\Z)")
_PLAIN = re.compile(r"[!-~]+(?: [!-~]+)*")


def one_line(text: str) -> str:
    """The text without what would end a header line, each run of it becoming a space."""
    return _NOT_IN_A_LINE.sub(" ", text).strip()


def header_lines(
    *, subject: str, sender: Mailbox, recipient: Mailbox, more: dict[str, str]
) -> list[tuple[str, str]]:
    """Names and values; the values are ASCII, but for addresses that need SMTPUTF8, and folded.

    `subject` is of one line; `more` are ASCII already and short.
    """
    return [
        ("Subject", _unstructured(subject, indent=len("Subject: "))),
        ("From", _mailbox(sender)),
        ("To", recipient.address),
        *more.items(),
        ("MIME-Version", "1.0"),
    ]


def body_headers(content_subtype: str) -> list[tuple[str, str]]:
    return [
        ("Content-Type", f'text/{content_subtype}; charset="utf-8"'),
        ("Content-Transfer-Encoding", "quoted-printable"),
    ]


def date(now: datetime) -> str:
    return format_datetime(now)


def joined(headers: list[tuple[str, str]], body: bytes) -> bytes:
    """All of it, every line ended by CRLF."""
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return head.encode() + b"\r\n" + body


def quoted_printable(text: str) -> bytes:
    """The text in lines of at most 76 ASCII characters (RFC 2045, 6.7), the last one ended, too.

    So it passes servers that take 7-bit text only (RFC 6152, 3), whatever it holds. Raises
    ValueError where the text is no Unicode. (`binascii.b2a_qp` writes lines of 77.)
    """
    octets = _LINE_END.sub("\n", text).encode()
    written = _ESCAPED.sub(lambda octet: b"=%02X" % ord(octet[0]), octets)
    return b"".join(b"=\r\n".join(_broken(line)) + b"\r\n" for line in written.split(b"\n"))


def _broken(line: bytes) -> Iterator[bytes]:
    """Parts that fit into a line with the sign that it goes on; none ends within an escape."""
    while len(line) > MAX_LINE:
        end = MAX_LINE - 1
        if b"=" in (escape := line[end - 2 : end]):
            end -= 2 - escape.index(b"=")
        yield line[:end]
        line = line[end:]
    yield line


def _mailbox(mailbox: Mailbox) -> str:
    if not mailbox.name:
        return mailbox.address
    name = quoted(mailbox.name)
    if not name.isascii() or "=?" in name or len(name) > MAX_ENCODED_WORD:
        name = _encoded(mailbox.name)
    return f"{name}\r\n <{mailbox.address}>"


def _unstructured(text: str, *, indent: int) -> str:
    """As it stands where a reader cannot take it for anything else, or encoded as a whole."""
    if not text:
        return ""
    words = text.split(" ")
    is_plain = _PLAIN.fullmatch(text) and "=?" not in text
    if not is_plain or max(map(len, words)) > MAX_LINE - indent:
        return _encoded(text)
    lines = [words[0]]
    for word in words[1:]:
        if indent + len(lines[-1]) + 1 + len(word) <= MAX_LINE:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
            indent = 1
    return "\r\n ".join(lines)


def _encoded(text: str) -> str:
    """Encoded words, one a line, none of which ends within a character (RFC 2047, 5)."""
    words = [""]
    for char in text:
        written = "".join(map(_octet, char.encode()))
        if len(_BEFORE) + len(words[-1]) + len(written) + len(_AFTER) > MAX_ENCODED_WORD:
            words.append("")
        words[-1] += written
    return "\r\n ".join(f"{_BEFORE}{word}{_AFTER}" for word in words)


def _octet(octet: int) -> str:
    if octet in _STANDS_FOR_ITSELF:
        return chr(octet)
    return "_" if octet == 0x20 else f"={octet:02X}"
