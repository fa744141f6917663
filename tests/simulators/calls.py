"""Who was called, for how many at a time, and what came of it."""

import time
from collections import deque
from dataclasses import asdict, dataclass

KEPT = 100_000


@dataclass(frozen=True, slots=True)
class Call:
    """`size` is how many identifiers, decisions or messages the call carried; `about` is whom or
    what it concerned, where that is one thing; `at` is in seconds since 1970."""

    part: str
    operation: str
    size: int
    status: int
    about: str
    at: float


class Calls:
    """The last calls, oldest first."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=KEPT)

    def record(self, part: str, operation: str, *, size: int, status: int, about: str = "") -> None:
        self._calls.append(Call(part, operation, size, status, about, time.time()))

    def clear(self) -> None:
        self._calls.clear()

    def as_json(self) -> list[dict[str, object]]:
        return [asdict(call) for call in self._calls]
