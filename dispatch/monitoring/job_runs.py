"""Notes when each periodic job really ran: beat's own record only says when it was queued."""

import threading
import time
from datetime import datetime
from typing import Protocol

from celery.signals import task_postrun, task_prerun
from celery.states import SUCCESS

from dispatch.models import JobRun
from runtime import clock
from runtime.jobs import woken

# Runs of a job that is woken follow each other closely: not each is worth a write.
QUIET_SECONDS = 10.0
"""For one that finds nothing to do."""
BUSY_SECONDS = 1.0
"""For one that finds something."""

# What is told of a job tells of beat, too: one that beat has not had run for so long is not noted,
# however often it is woken.
BEAT_IS_SILENT_AFTER = 30.0

_scheduled: dict[str, float] = {}
_started: dict[str, datetime] = {}
_noted: dict[str, tuple[float, str]] = {}
_lock = threading.Lock()


class Job(Protocol):
    name: str


def connect() -> None:
    """Note the runs of every Celery task in this process."""
    task_prerun.connect(begin)
    task_postrun.connect(end)


def begin(*, task_id: str, task: Job, **kwargs: object) -> None:
    _started[task_id] = clock.now()
    if not task_id.startswith(woken.RUN):
        _scheduled[task.name] = time.monotonic()


def end(*, task_id: str, task: Job, state: str, retval: object, **kwargs: object) -> None:
    """Write when the job ran and with what result; one that went like the one before only now and
    then, and nothing where an earlier run was still at it (None)."""
    started_at = _started.pop(task_id, clock.now())
    if task_id.startswith(woken.RUN) and _is_beat_silent(task.name):
        return
    if retval is None or not _is_due(
        task.name, state, seconds=BUSY_SECONDS if retval else QUIET_SECONDS
    ):
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


def _is_beat_silent(name: str) -> bool:
    last = _scheduled.get(name)
    return last is None or time.monotonic() - last > BEAT_IS_SILENT_AFTER


def _is_due(name: str, state: str, *, seconds: float) -> bool:
    with _lock:
        last, last_state = _noted.get(name, (-seconds, SUCCESS))
        if state == last_state == SUCCESS and time.monotonic() - last < seconds:
            return False
        _noted[name] = time.monotonic(), state
        return True
