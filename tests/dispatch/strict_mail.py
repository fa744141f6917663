"""A mail server that takes nothing but what the RFCs allow, and a reader of mails of its own.

Neither uses the `email` package or smtplib: what those would read as we meant it, others may not.
"""

import re
from asyncio import StreamReader, StreamWriter
from dataclasses import dataclass, field

ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\x80-\U0010ffff]+"
ADDRESS = rf"{ATOM}(?:\.{ATOM})*@[A-Za-z0-9](?:[A-Za-z0-9.\-]*[A-Za-z0-9])?"
MAIL = re.compile(rf"MAIL FROM:<({ADDRESS})>((?: [A-Z0-9]+(?:=[^ =]+)?)*)\r\n")
RCPT = re.compile(rf"RCPT TO:<({ADDRESS})>\r\n")
FIELD = re.compile(r"([!-9;-~]+): ?(.*)", re.DOTALL)
ENCODED_WORD = re.compile(r"=\?([A-Za-z0-9\-]+)\?([qQbB])\?([!->@-~]*)\?=")
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
MAX_LINE = 998


@dataclass
class Taken:
    """A mail as the server got it; `content` has lost its stuffed dots."""

    sender: str
    recipient: str
    options: set[str]
    content: bytes


@dataclass
class StrictServer:
    """Offers `extensions`; `said` is each command as it came."""

    extensions: tuple[str, ...] = ("SIZE 1000000",)
    mails: list[Taken] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    async def __call__(self, reader: StreamReader, writer: StreamWriter) -> None:
        writer.write(b"220 strict.example ESMTP\r\n")
        sender, options, recipients = "", "", list[str]()
        while raw := await reader.readline():
            line = raw.decode()
            self.said.append(line)
            reply = "250 OK"
            if line.upper().startswith("EHLO "):
                offered = ["strict.example", *self.extensions]
                reply = "\r\n".join(f"250-{one}" for one in offered[:-1]) + f"\r\n250 {offered[-1]}"
            elif found := MAIL.fullmatch(line):
                sender, options, recipients = found[1], found[2], []
                self._judge_options(options, sender)
            elif found := RCPT.fullmatch(line):
                recipients.append(found[1])
            elif line.upper() == "DATA\r\n":
                writer.write(b"354 go on\r\n")
                content = await self._content(reader)
                for recipient in recipients:
                    self.mails.append(Taken(sender, recipient, set(options.split()), content))
            elif line.upper() not in ("RSET\r\n", "QUIT\r\n"):
                self.complaints.append(f"no command: {line!r}")
                reply = "500 what?"
            writer.write(f"{reply}\r\n".encode())
            await writer.drain()

    async def _content(self, reader: StreamReader) -> bytes:
        """RFC 5321, 4.5.2: a dot at the beginning of a line is not the sender's."""
        lines: list[bytes] = []
        while (line := await reader.readuntil(b"\n")) != b".\r\n":
            if not line.endswith(b"\r\n") or b"\r" in line[:-2] or b"\0" in line:
                self.complaints.append(f"a line that is none: {line!r}")
            if len(line) > MAX_LINE + 2:
                self.complaints.append(f"a line of {len(line)} octets")
            lines.append(line.removeprefix(b"."))
        return b"".join(lines)

    def _judge_options(self, options: str, sender: str) -> None:
        offered = {one.partition(" ")[0] for one in self.extensions}
        for option in options.split():
            name = option.partition("=")[0].replace("BODY", "8BITMIME")
            if name not in offered:
                self.complaints.append(f"{option} was not offered")
        if not sender.isascii() and "SMTPUTF8" not in options:
            self.complaints.append(f"{sender} without SMTPUTF8")


@dataclass
class Read:
    """`fields` are the header's, decoded, in their order; `text` is the body, decoded."""

    fields: list[tuple[str, str]]
    text: str

    def __getitem__(self, name: str) -> str:
        (value,) = (value for other, value in self.fields if other == name)
        return value


def read(content: bytes, *, letters: bool = False) -> Read:
    """Raises AssertionError for what RFC 5322, 2045 and 2047 do not allow.

    `letters` allows UTF-8 in addresses.
    """
    head, blank, body = content.partition(b"\r\n\r\n")
    assert blank
    assert letters or head.isascii()
    assert body.isascii()
    fields: list[list[str]] = []
    for line in head.decode().split("\r\n"):
        assert len(line) <= (76 if "=?" in line else 998)
        assert line.strip(), "a line of white space"
        assert "\r" not in line
        assert "\n" not in line
        if line.startswith((" ", "\t")):
            fields[-1][1] += line
            continue
        found = FIELD.fullmatch(line)
        assert found, f"no header line: {line!r}"
        fields.append([found[1], found[2]])
    decoded = [(name, _decoded(value, name)) for name, value in fields]
    names = [name for name, _ in decoded]
    assert len(names) == len(set(names)), names
    assert ("Content-Transfer-Encoding", "quoted-printable") in decoded
    return Read(decoded, _quoted_printable(body))


def _decoded(value: str, name: str) -> str:
    """Encoded words become their text; white space between two of them is nobody's."""
    if name not in ("Subject", "From"):
        assert "=?" not in value
        return value
    if name == "From" and (found := re.fullmatch(rf"(.*?)\s*<({ADDRESS})>", value)):
        phrase = found[1]
        if quoted := QUOTED.fullmatch(phrase):
            assert "=?" not in phrase
            return re.sub(r"\\(.)", r"\1", quoted[1]) + f" <{found[2]}>"
        return _words(phrase) + f" <{found[2]}>"
    if name == "From":
        assert re.fullmatch(ADDRESS, value), value
    return _words(value)


def _words(text: str) -> str:
    if "=?" not in text:
        return text
    octets = b""
    for word in re.split(r"[ \t]+", text):
        found = ENCODED_WORD.fullmatch(word)
        assert found, f"beside an encoded word: {word!r}"
        assert len(word) <= 75
        assert found[1].lower() == "utf-8"
        assert found[2] == "q"
        one = _escapes(found[3].replace("_", " "))
        one.decode()  # each on its own: RFC 2047, 5
        octets += one
    return octets.decode()


def _quoted_printable(body: bytes) -> str:
    assert body.endswith(b"\r\n")
    text = ""
    for line in body.decode("ascii").split("\r\n")[:-1]:
        assert len(line) <= 76, line
        assert not line.endswith((" ", "\t")), line
        assert all(" " <= char <= "~" for char in line)
        text += line[:-1] if line.endswith("=") else f"{line}\n"
    return _escapes(text).decode()


def _escapes(text: str) -> bytes:
    assert not re.search("=(?![0-9A-F]{2})", text), text
    return re.sub(rb"=(..)", lambda found: bytes.fromhex(found[1].decode()), text.encode("ascii"))
