"""Room for so many at once: who finds none is told so at once, and holds up nobody else."""

from threading import BoundedSemaphore, Lock


class Slots:
    """`at_once` do something while `waiting` others wait for their turn, for `timeout` seconds at
    most. Nobody else waits: each would hold a thread that others need."""

    def __init__(self, *, at_once: int, waiting: int, timeout: float) -> None:
        self._timeout = timeout
        self._at_work = BoundedSemaphore(at_once)
        self._present = BoundedSemaphore(at_once + waiting)

    def take(self) -> "Slot | None":
        """None where there is none to be had."""
        if not self._present.acquire(blocking=False):
            return None
        if not self._at_work.acquire(timeout=self._timeout):
            self._present.release()
            return None
        return Slot(self)

    def _give_back(self) -> None:
        self._at_work.release()
        self._present.release()


class Slot:
    """Given back once, however often that is asked for, and by whichever thread."""

    def __init__(self, slots: Slots) -> None:
        self._slots: Slots | None = slots
        self._lock = Lock()

    def give_back(self) -> None:
        with self._lock:
            slots, self._slots = self._slots, None
        if slots is not None:
            slots._give_back()
