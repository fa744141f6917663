"""How slow and how large requests and answers may be."""

from collections.abc import Callable
from dataclasses import dataclass

SMALL = 16_384
"""A body of up to so many bytes is taken in without more ado; each longer one finds room first."""
LARGE = 262_144
"""From so many bytes on, a body is large: its caller is asked for credentials before it is read."""
HEAVY = 2_097_152
"""From so many bytes on, bodies are answered one at a time."""


MAX_HEADERS = 200
"""Of one request. Servers take a hundred over HTTP/1; HTTP/2 packs 100,000 into few packets."""


@dataclass(frozen=True, slots=True, eq=False)
class Sort:
    """Of bodies: how long one may be, and how many bytes of those that are not small are held at
    once, the longest one at least. One sort's flood takes no room from another."""

    max_bytes: int
    max_held: int


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one web process.

    `sort_of` tells the sort of body that a path takes. A body may take `timeout` seconds,
    and one more for each `min_rate` bytes of it; each piece of a long answer is taken within
    `timeout` seconds, and `long_answers` of them are given at once.
    """

    sort_of: Callable[[str], Sort]
    timeout: float
    min_rate: int
    threads: int
    long_answers: int = 16
