"""Time-ordered identifiers (UUID version 7, RFC 9562 section 5.7)."""

import os
import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

from runtime import clock

_TICKS = 4_096_000
"""4,096ths of a millisecond, in a second."""


def uuid7() -> uuid.UUID:
    """A new identifier that sorts by its time of making, so that inserts stay local in the index.

    The 12 bits beside the version are 4,096ths of the millisecond (RFC 9562, section 6.2, method
    3), a quarter of a microsecond: less than it takes to make one, so those that one thread makes
    ascend for as long as its clock does.
    """
    whole, part = divmod(clock.seconds(), 1)
    ticks = int(whole) * _TICKS + int(part * _TICKS)
    value = (ticks >> 12 & (1 << 48) - 1) << 80 | 0x7 << 76 | 0b10 << 62
    value |= (ticks & (1 << 12) - 1) << 64
    value |= int.from_bytes(os.urandom(8)) >> 2
    return uuid.UUID(int=value)


def ascending() -> Iterator[uuid.UUID]:
    """New identifiers of this moment, each above the one before (RFC 9562, section 6.2, method 2).

    The first is random but for its highest random bit, so that billions may follow.
    """
    value = uuid7().int & ~(1 << 61)
    while True:
        yield uuid.UUID(int=value)
        value += 1 + random.getrandbits(24)


def lowest_at(moment: datetime) -> uuid.UUID:
    """Below every identifier made at or after the moment, and above all made before it: a period
    becomes a range of the primary key."""
    milliseconds = int(moment.timestamp() * 1000)
    return uuid.UUID(int=(milliseconds & (1 << 48) - 1) << 80 | 0x7 << 76 | 0b10 << 62)


def made_at(identifier: uuid.UUID) -> datetime:
    """When the identifier was made, to the millisecond."""
    return datetime.fromtimestamp((identifier.int >> 80) / 1000, tz=UTC)
