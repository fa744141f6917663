"""Who has failed how often lately, as far as this process has seen."""

import threading
from collections import OrderedDict
from time import monotonic


class Failures:
    """Each may fail `most` times within `seconds`, counted from the first failure.

    Remembers so many at most, and forgets first who has not failed for longest: whoever comes from
    ever new addresses fills no memory.
    """

    def __init__(self, *, most: int, seconds: float, remembered: int = 10_000) -> None:
        self._most, self._seconds, self._remembered = most, seconds, remembered
        self._lock = threading.Lock()
        self._since: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def wait(self, who: str) -> float:
        """For how many seconds they are to be refused; 0 where they are not."""
        with self._lock:
            began, count = self._since.get(who, (0.0, 0))
        left = began + self._seconds - monotonic()
        return left if count >= self._most and left > 0 else 0.0

    def add(self, who: str) -> bool:
        """One more; whether it was the last that they may have."""
        now = monotonic()
        with self._lock:
            began, count = self._since.pop(who, (now, 0))
            if now - began >= self._seconds:
                began, count = now, 0
            self._since[who] = (began, count + 1)
            if len(self._since) > self._remembered:
                self._since.popitem(last=False)
        return count + 1 == self._most
