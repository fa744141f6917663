"""Mailboxes: an address with or without a name before it, as a mail's From line holds one."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Self

from django.utils.encoding import punycode

# RFC 5321, 4.5.3.1 (https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1), in octets.
MAX_LOCAL_PART = 64
MAX_ADDRESS = 254

# RFC 5322, 3.2.3 (https://www.rfc-editor.org/rfc/rfc5322#section-3.2.3), and what RFC 6531 adds to
# it: anything outside of ASCII. What says nothing there is sorted out by its Unicode category.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u0080-\U0010ffff]+"
_LOCAL_PART = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_QUOTED = re.compile(r'"(?P<text>(?:[^"\\]|\\.)*)"', re.DOTALL)
_NAMED = re.compile(rf"(?P<name>{_QUOTED.pattern}\s*|[^<>]*)<(?P<address>[^<>]*)>", re.DOTALL)
# Control, format, surrogate, private and unassigned characters, and all white space.
_UNFIT = "CZ"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address that can stand in an SMTP envelope; its domain is in ASCII.

    `name` is as a reader shall see it, without quotation marks; often empty.
    """

    name: str
    local_part: str
    domain: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `address`, `<address>`, `Name <address>` or `"Name" <address>`.

        Raises ValueError for anything else: several addresses, comments, quoted local parts,
        domains in brackets, line ends.
        """
        text = text.strip()
        named = _NAMED.fullmatch(text)
        name, address = (named["name"], named["address"]) if named else ("", text)
        local_part, at, domain = address.rpartition("@")
        domain = punycode(domain).lower() if at else ""
        if not _is_local_part(local_part) or not _DOMAIN.fullmatch(domain):
            raise ValueError("The text holds no single e-mail address.")
        mailbox = cls(_unquoted(name.strip()), local_part, domain)
        if len(mailbox.address.encode()) > MAX_ADDRESS:
            raise ValueError("The e-mail address is too long.")
        return mailbox

    @property
    def address(self) -> str:
        return f"{self.local_part}@{self.domain}"

    @property
    def needs_smtputf8(self) -> bool:
        """Whether only servers with SMTPUTF8 (RFC 6531) can take it."""
        return not self.local_part.isascii()

    def __str__(self) -> str:
        if not self.name:
            return self.address
        return f"{quoted(self.name)} <{self.address}>"


def is_mailbox(text: str) -> bool:
    try:
        Mailbox.parse(text)
    except ValueError:
        return False
    return True


def quoted(name: str) -> str:
    """As a quoted string (RFC 5322, 3.2.4)."""
    return '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'


def _unquoted(name: str) -> str:
    whole = _QUOTED.fullmatch(name)
    name = re.sub(r"\\(.)", r"\1", whole["text"]) if whole else name
    if any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in name):
        raise ValueError("The name before the e-mail address has characters that no line holds.")
    return name


def _is_local_part(text: str) -> bool:
    return (
        _LOCAL_PART.fullmatch(text) is not None
        and len(text.encode()) <= MAX_LOCAL_PART
        and (text.isascii() or not any(unicodedata.category(c)[0] in _UNFIT for c in text))
    )
