"""The whole examination: the outside world all at once, our own database meanwhile."""

import queue
import threading
import time
from collections.abc import Iterator

from config.doctor import broker, database, keys, outside, own_settings
from runtime.findings import (
    LIMIT,
    MAX_EXAMINATION_SECONDS,
    Check,
    Finding,
    failed,
    surprised,
)

IN_THREADS = (broker.CHECK, *outside.CHECKS, *keys.CHECKS)


def examine() -> Iterator[Finding]:
    """All findings, in an order that is the same each time, within MAX_EXAMINATION_SECONDS seconds.

    The database is asked from the calling thread, a few seconds at a time.
    """
    deadline = time.monotonic() + MAX_EXAMINATION_SECONDS
    running = [(check, _begin(check)) for check in IN_THREADS]
    yield from _findings(own_settings.CHECK)
    yield from database.examine()
    for check, answer in running:
        try:
            yield from answer.get(timeout=max(deadline - time.monotonic(), 0.01))
        except queue.Empty:
            yield failed(
                check.name, f"No answer within {LIMIT:g} seconds.", "See whether it is up."
            )


def _begin(check: Check) -> "queue.Queue[list[Finding]]":
    """In a daemon thread, which keeps no command from ending."""
    answer: queue.Queue[list[Finding]] = queue.Queue()
    threading.Thread(
        target=lambda: answer.put(_findings(check)), name=f"doctor {check.name}", daemon=True
    ).start()
    return answer


def _findings(check: Check) -> list[Finding]:
    try:
        return check.examine()
    except Exception as error:
        return [surprised(check.name, error)]
