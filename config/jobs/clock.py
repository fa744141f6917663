"""How background jobs tell the time: by the database's clock, whatever their machine's says."""

from datetime import datetime
from functools import cached_property
from typing import Any, Literal

from celery import Celery, Task
from celery.apps.beat import Beat
from celery.worker.request import Request

from config.jobs.logs import QuietBeat
from runtime import clock


class JobRequest(Request):
    """A run that came too late is dropped: beat stamped it by the database's clock, and so is it
    judged. A worker half a minute ahead would else drop every run of a job that runs each second.
    """

    def maybe_expire(self) -> Literal[True] | None:
        expires: datetime | None = self.expires
        return True if expires is not None and clock.as_known() > expires else None


class Job(Task[Any, object]):
    """Does nothing, and says so by None, where this machine's clock is too far off."""

    Request = "config.jobs.clock:JobRequest"

    def __call__(self, *args: object, **kwargs: object) -> object:
        return None if clock.is_too_far_off() else super().__call__(*args, **kwargs)


class JobsApp(Celery):
    """Beat takes from here what time it is."""

    task_cls = "config.jobs.clock:Job"

    @cached_property
    def Beat(self) -> type[Beat]:  # noqa: N802  # Celery's name
        quiet: type[Beat] = self.subclass_with_self(QuietBeat)
        return quiet

    def now(self) -> datetime:
        return clock.as_known()


def keep_the_clock(**_signal: object) -> None:
    clock.keep()
