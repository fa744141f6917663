"""Beat's scheduler: the schedule is rows of the database, and staff may change it at any time."""

import signal
import time
from datetime import datetime, timedelta

import structlog
from celery.schedules import schedule
from django.db import Error
from django_celery_beat.schedulers import DatabaseScheduler, ModelEntry

from config.checks import refuse_half_configured
from config.jobs.alive import sign
from runtime import alive, clock
from runtime.database.away import is_away

logger = structlog.get_logger(__name__)

# Both in seconds.
LOOK_EVERY = 2.0
"""How long a change of a job may go unnoticed."""
TRY_AGAIN_AFTER = 1.0
"""The database is away."""


class JobEntry(ModelEntry):  # type: ignore[misc]  # which comes without types
    """Goes by the clock of the database, and counts a last run in its future as none.

    Such a run was noted by a beat whose clock was ahead, or before the database's clock was put
    back. Waiting for that moment to come would keep everything standing still until then.
    """

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        is_interval = isinstance(self.schedule, schedule)
        if is_interval:
            self.schedule.nowfun = self._default_now
        if self.is_ahead:
            every = self.schedule.run_every if is_interval else timedelta()
            logger.warning("A job's last run lies in the future", job=self.task)
            self.last_run_at = self.model.last_run_at = self._default_now() - every

    @property
    def is_ahead(self) -> bool:
        return bool(self.last_run_at > self._default_now())

    def _default_now(self) -> datetime:
        return clock.as_known()


class JobScheduler(DatabaseScheduler):  # type: ignore[misc]
    """Asks now and then whether a job was changed; asking before each run that falls due made up
    half of what beat costs."""

    Entry = JobEntry
    _is_to_stop = False

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Before anything waits for the database, which may be named wrongly (Celery's signal that
        beat starts comes after that)."""
        refuse_half_configured()
        clock.keep()
        self._look_at = 0.0
        self._sign_at = 0.0
        if not kwargs.get("lazy"):  # as for a look at the jobs, from which nothing is sent
            for asked in (signal.SIGTERM, signal.SIGINT):
                signal.signal(asked, self._note)
            logger.info("Beat begins")
        super().__init__(*args, **kwargs)

    def _note(self, asked: int, frame: object) -> None:
        """Asked to stop, beat ends before its next run, within seconds.

        Celery's own handler saves the schedule at once, wherever it happens to break in. In the
        middle of a statement that waits for the connection's lock, which the statement holds, and
        for ever.
        """
        self._is_to_stop = True

    def tick(self, *args: object, **kwargs: object) -> float:
        self._end_where_asked()
        self._sign()
        return float(super().tick(*args, **kwargs))

    def _sign(self) -> None:
        """Now and then: runs fall due several times a second."""
        now = time.monotonic()
        if now >= self._sign_at:
            self._sign_at = now + alive.EVERY
            sign("beat")

    def _ensure_connected(self) -> object:
        """As the base class, for as long as it takes; a beat that waits for the broker is alive."""
        return self.connection.ensure_connection(
            errback=lambda error, wait: logger.warning("Beat waits for the broker", seconds=wait),
            callback=lambda: sign("beat"),
        )

    def _end_where_asked(self) -> None:
        if self._is_to_stop:
            logger.info("Beat ends, as it was asked to")
            raise SystemExit

    def schedule_changed(self) -> bool:
        now = time.monotonic()
        if now < self._look_at:
            return False
        self._look_at = now + LOOK_EVERY
        if any(entry.is_ahead for entry in (self._schedule or {}).values()):
            return True  # the clock was put back: what is read anew starts from now
        known = self._last_timestamp
        # The base class overlooks the first change ever made.
        return super().schedule_changed() or (known is None and self._last_timestamp is not None)

    def schedules_equal(self, old: object, new: object) -> bool:
        """Only what is read anew is another schedule, and that is marked. The base class compares
        all jobs before each run: a quarter of what beat costs."""
        if old is not None and not self._heap_invalidated:
            return True
        return bool(super().schedules_equal(old, new))

    def all_as_schedule(self) -> dict[str, object]:
        """While the database is away the jobs go on as they were known; a beat that starts just
        then waits."""
        while True:
            try:
                known: dict[str, object] = super().all_as_schedule()
                return known
            except Error as error:
                if not is_away(error):
                    raise
                if self._schedule is not None:
                    return dict(self._schedule)
                self._end_where_asked()
                sign("beat")
                logger.warning("Beat waits for the database")
                time.sleep(TRY_AGAIN_AFTER)
