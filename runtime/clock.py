"""The one clock of all processes: the database's.

Leases, expiry, send windows and back-offs are moments that one process writes and another compares
with its own. So each measures the database's clock now and then, and goes on from there by the
machine's steady clock, which no correction of the time of day can move.
"""

import threading
import time
from datetime import UTC, datetime

import structlog
from django.db import Error, connection

logger = structlog.get_logger(__name__)

# All in seconds.
FAR_OFF = 2.0
"""A process whose own clock differs by more says so."""
TOO_FAR_OFF = 30.0
"""One whose own clock differs by more does no work: nothing else on its machine can be right."""
MEASURED_EVERY = 5.0
"""In between the steady clock goes on, and loses a few microseconds."""
FIRST_ANSWER = 1.0
"""For so long a process that starts waits for it."""
SAID_EVERY = 60.0

_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""On Linux it goes on while a machine is suspended."""


def now() -> datetime:
    """The database's time.

    The first call of a process that does not keep the clock (`keep`) asks the database, and raises
    OperationalError where that is away: what cannot be known must not be stamped on a row.
    """
    if _known.ahead is None:
        measure()
    return as_known()


def as_known() -> datetime:
    """The database's time without ever asking it: this machine's until it has been measured."""
    return datetime.fromtimestamp(seconds(), UTC)


def seconds() -> float:
    """`as_known` in seconds since 1970."""
    ahead = _known.ahead
    return time.time() if ahead is None else _steady() + ahead


def skew() -> float:
    """By how many seconds the time of day of this machine is ahead of the database's.

    A step of this machine's clock shows here at once, nobody has to be asked.
    """
    return time.time() - seconds()


def is_too_far_off() -> bool:
    """Whether this process must leave the work to others. May ask the database, like `now`."""
    if _known.ahead is None:
        measure()
    _complain()
    return abs(skew()) > TOO_FAR_OFF


def measure() -> None:
    """Ask the database. What is known is changed by no more than the answer demands: it was given
    at some moment between the question and its arrival."""
    with connection.cursor() as cursor:
        asked = _steady()
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        theirs = cursor.fetchone()[0]
        answered = _steady()
    least, most = theirs - answered, theirs - asked
    ahead = _known.ahead
    _known.ahead = (least + most) / 2 if ahead is None else min(max(ahead, least), most)


def keep() -> None:
    """Measure from now on, in a thread of its own, so that no request and no job has to. Waits for
    the first answer, but not for a database that is away."""
    if _known.keeper is None:
        _known.keeper = threading.Thread(target=_keep, name="clock", daemon=True)
        _known.keeper.start()
        _known.is_measured.wait(FIRST_ANSWER)


class _Known:
    """What this process knows. `ahead` is the database's time less the steady clock's, in
    seconds."""

    def __init__(self) -> None:
        self.ahead: float | None = None
        self.is_measured = threading.Event()
        self.keeper: threading.Thread | None = None
        self.quiet_until = 0.0


_known = _Known()


def _steady() -> float:
    return time.clock_gettime(_STEADY)


def _keep() -> None:
    while True:
        try:
            measure()
            _known.is_measured.set()
            _complain()
        except Error:
            pass  # The database is away. The steady clock goes on as it was measured.
        finally:
            connection.close()  # which gives it back to the pool
        time.sleep(MEASURED_EVERY)


def _complain() -> None:
    off = skew()
    if abs(off) <= FAR_OFF or _steady() < _known.quiet_until:
        return
    _known.quiet_until = _steady() + SAID_EVERY
    says = "This machine's clock differs from the database's"
    if abs(off) > TOO_FAR_OFF:
        logger.error(f"{says} by too much: no job runs here", seconds=round(off, 1))
    else:
        logger.warning(says, seconds=round(off, 1))
