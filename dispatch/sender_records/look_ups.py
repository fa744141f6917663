"""Asks the resolvers of SENDER_DNS for texts, within bounds; whatever comes back is no surprise."""

import time
from collections.abc import Sequence

from dns import name as names
from dns.exception import DNSException
from dns.nameserver import Do53Nameserver, Nameserver
from dns.rdtypes.txtbase import TXTBase
from dns.resolver import NXDOMAIN, NoAnswer, Resolver

OF_ONE, OF_ALL = 3.0, 15.0
"""Seconds for one look-up, and for all of a check."""
MAX_LOOK_UPS = 60
MAX_TEXTS, MAX_CHARACTERS = 50, 10_000
"""Of an answer, what is looked at."""


class NoOneKnows(Exception):
    """The DNS did not answer, or not so that anything is known."""


class LookUps:
    """Those of one check."""

    def __init__(self, servers: Sequence[tuple[str, int]]) -> None:
        self._resolver = Resolver(configure=False)
        named: list[str | Nameserver] = [Do53Nameserver(host, port) for host, port in servers]
        self._resolver.nameservers = named
        self._resolver.timeout = OF_ONE / 2
        self._end = time.monotonic() + OF_ALL
        self._left = MAX_LOOK_UPS

    def texts(self, name: str) -> list[str]:
        """Of TXT records, each in one piece (RFC 7208, 3.3); none where there is no such name.
        Raises NoOneKnows."""
        seconds = min(OF_ONE, self._end - time.monotonic())
        self._left -= 1
        if seconds <= 0 or self._left < 0:
            raise NoOneKnows
        try:
            asked = names.from_text(name)
            answer = self._resolver.resolve(asked, "TXT", search=False, lifetime=seconds)
        except (NXDOMAIN, NoAnswer):
            return []
        except (DNSException, OSError, ValueError) as trouble:
            raise NoOneKnows from trouble
        rows = [row for row in answer if isinstance(row, TXTBase)]
        return [_in_one(row) for row in rows[:MAX_TEXTS]]


def _in_one(row: TXTBase) -> str:
    return b"".join(row.strings)[:MAX_CHARACTERS].decode("ascii", "replace")


def tags(text: str) -> dict[str, str]:
    """Of a record that is a list of `name=value` with semicolons between them, as DKIM's and
    DMARC's are; the first of a name counts."""
    found: dict[str, str] = {}
    for part in text.split(";"):
        tag, is_tag, value = part.partition("=")
        if is_tag:
            found.setdefault(tag.strip().lower(), value.strip())
    return found
