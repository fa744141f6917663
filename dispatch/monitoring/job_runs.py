"""Notes when each periodic job really ran: beat's own record only says when it was queued."""

import threading
import time
from datetime import datetime
from typing import Any

from celery.signals import task_postrun, task_prerun
from celery.states import SUCCESS

from dispatch.models import JobRun
from runtime import clock

# A job that finds nothing to do every second is not worth a write every second.
QUIET_SECONDS = 10.0

_started: dict[str, datetime] = {}
_noted: dict[str, float] = {}
_lock = threading.Lock()


def connect() -> None:
    """Note the runs of every Celery task in this process."""
    task_prerun.connect(begin)
    task_postrun.connect(end)


def begin(*, task_id: str, **kwargs: object) -> None:
    _started[task_id] = clock.now()


def end(*, task_id: str, task: Any, state: str, retval: object, **kwargs: object) -> None:
    """Write when the job ran and with what result; an idle run only now and then, and nothing where
    an earlier run was still at it (None)."""
    started_at = _started.pop(task_id, clock.now())
    if retval is None or (retval == 0 and not _is_due(task.name)):
        return
    JobRun.objects.update_or_create(
        name=task.name, defaults={"started_at": started_at, **_ending(state, retval)}
    )


def _ending(state: str, retval: object) -> dict[str, object]:
    """A failure is told by its kind only: its words may hold personal data."""
    now = clock.now()
    if state == SUCCESS:
        return {"ended_at": now, "result": str(retval)}
    return {"ended_at": now, "failed_at": now, "result": f"{state}: {type(retval).__name__}"}


def _is_due(name: str) -> bool:
    with _lock:
        last = _noted.get(name)
        if last is not None and time.monotonic() - last < QUIET_SECONDS:
            return False
        _noted[name] = time.monotonic()
        return True
