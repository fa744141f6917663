"""Time-ordered identifiers (UUID version 7, RFC 9562 section 5.7)."""

import os
import random
import uuid
from collections.abc import Iterator
from datetime import datetime

from runtime import clock


def uuid7() -> uuid.UUID:
    """A new identifier that sorts by its time of making (milliseconds), so that inserts stay
    local in the index. Within one millisecond the order is random."""
    milliseconds = int(clock.seconds() * 1000)
    drawn = int.from_bytes(os.urandom(10))
    value = (milliseconds & (1 << 48) - 1) << 80 | 0x7 << 76 | 0b10 << 62
    value |= (drawn >> 68) << 64  # 12 bits beside the version
    value |= drawn & (1 << 62) - 1
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
