"""Mailboxes: an address with or without a name before it, as a mail's From line holds one."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Self

from recipients.email_addresses import canonical

_QUOTED = re.compile(r'"(?P<text>(?:[^"\\]|\\.)*)"', re.DOTALL)
_NAMED = re.compile(rf"(?P<name>{_QUOTED.pattern}\s*|[^<>]*)<(?P<address>[^<>]*)>", re.DOTALL)
# Control characters, halves of characters, and what ends a line.
_UNFIT = frozenset({"Cc", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address in its canonical form, and the name that a reader shall see before it, without
    quotation marks; often empty."""

    name: str
    address: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `address`, `<address>`, `Name <address>` or `"Name" <address>`.

        Raises ValueError for anything else: several addresses, comments, and what mail cannot be
        sent to.
        """
        text = text.strip()
        named = _NAMED.fullmatch(text)
        if not named:
            return cls("", canonical(text))
        return cls(_unquoted(named["name"].strip()), canonical(named["address"]))

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]

    @property
    def needs_smtputf8(self) -> bool:
        """Whether only servers with SMTPUTF8 (RFC 6531) can take it; the domain is in ASCII."""
        return not self.address.isascii()

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
    if any(unicodedata.category(char) in _UNFIT for char in name):
        raise ValueError("The name before the e-mail address has characters that no line holds.")
    return name
