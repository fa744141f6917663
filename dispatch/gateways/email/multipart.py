"""The body of a mail with attachments, written in pieces: the text, and then each file.

`multipart/mixed` (RFC 2046, 5.1.3, https://www.rfc-editor.org/rfc/rfc2046#section-5.1.3); a body in
HTML comes with the same in plain text (`multipart/alternative`, 5.1.4).
"""

from binascii import b2a_base64
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from dispatch.gateways.email import mail_format
from dispatch.gateways.email.attachments import File

Headers = list[tuple[str, str]]

# RFC 2045, 6.8: lines of 76 characters, which is 57 bytes; so many lines in a piece.
BYTES_A_LINE = 57
LINES_A_PIECE = 1_024
# Longer names are written in parts (RFC 2231, 3).
MAX_VALUE = 50


class Multipart:
    """`name` tells this mail's boundaries from those of a mail that is attached to it. No line of
    the parts begins like them: in quoted-printable and base64 no `_` comes after a `=`."""

    def __init__(
        self, *, text: bytes, html: bytes | None, files: Sequence[File], name: str
    ) -> None:
        self._text, self._html, self._files = text, html, files
        self._outer, self._inner = f"=_m_{name}", f"=_a_{name}"

    @property
    def headers(self) -> Headers:
        return [("Content-Type", f'multipart/mixed;\r\n boundary="{self._outer}"')]

    def pieces(self) -> Iterator[bytes]:
        """Each ends with a line's end."""
        yield _opening(self._outer)
        yield from self._texts()
        for file in self._files:
            yield b"\r\n" + _opening(self._outer) + mail_format.joined(_headers(file), b"")
            yield from _base64(file.content)
        yield b"\r\n" + _closing(self._outer)

    def _texts(self) -> Iterator[bytes]:
        plain = mail_format.joined(mail_format.body_headers("plain"), self._text)
        if self._html is None:
            yield plain
            return
        kind = f'multipart/alternative;\r\n boundary="{self._inner}"'
        yield mail_format.joined([("Content-Type", kind)], b"")
        yield _opening(self._inner) + plain
        html = mail_format.joined(mail_format.body_headers("html"), self._html)
        yield b"\r\n" + _opening(self._inner) + html + b"\r\n" + _closing(self._inner)


def _opening(boundary: str) -> bytes:
    return f"--{boundary}\r\n".encode()


def _closing(boundary: str) -> bytes:
    return f"--{boundary}--\r\n".encode()


def _headers(file: File) -> Headers:
    return [
        ("Content-Type", file.mime_type),
        ("Content-Transfer-Encoding", "base64"),
        ("Content-Disposition", "attachment" + parameter("filename", file.name)),
    ]


def parameter(name: str, value: str) -> str:
    """A parameter of a header, on lines of its own: as it is where it is short and ASCII, else in
    percent-encoded parts (RFC 2231, https://www.rfc-editor.org/rfc/rfc2231)."""
    if value.isascii() and value.isprintable() and len(value) <= MAX_VALUE:
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f';\r\n {name}="{escaped}"'
    parts = list(_parts(value))
    if len(parts) == 1:
        return f";\r\n {name}*=utf-8''{parts[0]}"
    return "".join(
        f";\r\n {name}*{number}*={part if number else _ENCODING + part}"
        for number, part in enumerate(parts)
    )


_ENCODING = "utf-8''"


def _parts(value: str) -> Iterator[str]:
    """None ends within a character."""
    part = ""
    for character in value:
        written = quote(character, safe="")
        if len(part) + len(written) > MAX_VALUE:
            yield part
            part = ""
        part += written
    yield part


def _base64(content: bytes) -> Iterator[bytes]:
    """In lines, so many at once that neither their number nor their size is felt."""
    whole = memoryview(content)
    step = BYTES_A_LINE * LINES_A_PIECE
    for begin in range(0, len(whole), step):
        piece = whole[begin : begin + step]
        yield b"".join(
            b2a_base64(piece[at : at + BYTES_A_LINE], newline=False) + b"\r\n"
            for at in range(0, len(piece), BYTES_A_LINE)
        )
