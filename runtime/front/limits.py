"""How slow and how large requests and answers may be."""

from collections.abc import Callable
from dataclasses import dataclass

LARGE = 262_144
"""From so many bytes on, a body is large: it finds room before it is read."""
HEAVY = 2_097_152
"""From so many bytes on, bodies are answered one at a time."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one web process.

    `most_bytes` is how long the body of a request for a path may be, and `most_held` how many bytes
    of large bodies are held at once: the largest one at least. A body may take `patience` seconds,
    and one more for each `least_rate` bytes of it; each piece of a long answer is taken within
    `patience` seconds, and `long_answers` of them are given at once.
    """

    most_bytes: Callable[[str], int]
    most_held: int
    patience: float
    least_rate: int
    threads: int
    long_answers: int = 16
