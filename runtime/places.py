"""Room for so many at once: who finds none is told so at once, and holds up nobody else."""

from threading import BoundedSemaphore, Lock


class Places:
    """`at_once` do something while `waiting` others wait for their turn, for `patience` seconds at
    most. Nobody else waits: each would hold a thread that others need."""

    def __init__(self, *, at_once: int, waiting: int, patience: float) -> None:
        self._patience = patience
        self._at_work = BoundedSemaphore(at_once)
        self._present = BoundedSemaphore(at_once + waiting)

    def take(self) -> "Place | None":
        """None where there is none to be had."""
        if not self._present.acquire(blocking=False):
            return None
        if not self._at_work.acquire(timeout=self._patience):
            self._present.release()
            return None
        return Place(self)

    def _give_back(self) -> None:
        self._at_work.release()
        self._present.release()


class Place:
    """Given back once, however often that is asked for, and by whichever thread."""

    def __init__(self, places: Places) -> None:
        self._places: Places | None = places
        self._lock = Lock()

    def give_back(self) -> None:
        with self._lock:
            places, self._places = self._places, None
        if places is not None:
            places._give_back()
