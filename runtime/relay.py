"""One drain at a time, and how the next one relieves it."""

import threading
import time


class Relay:
    """A drain works for some seconds and then only sees to what it has begun. If the next one comes
    meanwhile, it takes that over: so what hangs keeps nothing else waiting, whatever was begun has
    somebody who sees to its end, and a worker that is asked to stop ends when all of it is done.

    A drain that works looks at `is_relieved` at least every `max_wait` seconds.
    """

    def __init__(self, *, max_wait: float) -> None:
        self._max_wait = max_wait
        self._turn = threading.Lock()
        self._relief = threading.Lock()
        self._ends = 0.0

    def take(self, *, seconds: float) -> bool:
        """Begin a drain of so many seconds; False if another one is at it and has time left."""
        if not self._turn.acquire(blocking=False) and not self._relieve():
            return False
        self._ends = time.monotonic() + seconds
        return True

    def release(self) -> None:
        """End the drain that was begun."""
        self._turn.release()

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
