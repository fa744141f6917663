"""One drain at a time: how the next one relieves it, or has it look once more."""

import threading
import time
from collections.abc import Callable


class Relay:
    """A drain works for some seconds and then only sees to what it has begun. If the next one comes
    meanwhile, it takes that over: so what hangs keeps nothing else waiting, whatever was begun has
    somebody who sees to its end, and a worker that is asked to stop ends when all of it is done.

    A drain that works looks at `is_relieved` at least every `max_wait` seconds. It may be asked to
    look for new work at any moment: one that ends just then has to begin anew (`is_asked`).
    """

    def __init__(self, *, max_wait: float) -> None:
        self._max_wait = max_wait
        self._turn = threading.Lock()
        self._relief = threading.Lock()
        self._asked = threading.Event()
        self._ends = 0.0

    def take(self, *, seconds: float) -> bool:
        """Begin a drain of so many seconds; False if another one is at it and has time left."""
        if not self._turn.acquire(blocking=False) and not self._relieve():
            return False
        self._ends = time.monotonic() + seconds
        return True

    def drain(self, work: Callable[[], int], *, seconds: float) -> int | None:
        """Work until nothing is left, for so many seconds; what `work` returned in all, or None if
        another drain is at it. Asked to look just as it ended, it begins anew."""
        until = time.monotonic() + seconds
        total = None
        while self.take(seconds=seconds):
            try:
                total = (total or 0) + work()
            finally:
                self.release()
            if not self.is_asked or time.monotonic() >= until:
                break
        return total

    def release(self) -> None:
        """End the drain that was begun."""
        self._turn.release()

    def ask(self) -> None:
        """There is something new: whoever drains is to look. To be followed by a try to drain, for
        nobody may be at it."""
        self._asked.set()

    @property
    def is_asked(self) -> bool:
        """Whether there is something new since it was last looked for."""
        return self._asked.is_set()

    def look(self) -> None:
        """About to look for all that there is."""
        self._asked.clear()

    @property
    def time_is_up(self) -> bool:
        """Whether the drain is to begin nothing more."""
        return time.monotonic() >= self._ends

    @property
    def is_relieved(self) -> bool:
        """Whether the next drain waits to take over what was begun."""
        return self.time_is_up and self._relief.locked()

    def _relieve(self) -> bool:
        if not self.time_is_up or not self._relief.acquire(blocking=False):
            return False
        try:
            return self._turn.acquire(timeout=self._max_wait)
        finally:
            self._relief.release()
