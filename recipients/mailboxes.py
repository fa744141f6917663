"""Mailboxes: an address with or without a name before it, as a mail's From line holds one."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Self

from recipients.email_addresses import canonical

_QUOTED = re.compile(r'"(?P<text>(?:[^"\\]|\\.)*)"', re.DOTALL)
_NAMED = re.compile(rf"(?P<name>{_QUOTED.pattern}\s*|[^<>]*)<(?P<address>[^<>]*)>", re.DOTALL)


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
        local_part, _, domain = canonical(address).rpartition("@")
        return cls(_unquoted(name.strip()), local_part, domain)

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
