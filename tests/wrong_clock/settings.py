"""Settings of a process that is wrong about the time: as other settings, in another time.

CLOCK_SETTINGS names the others. The file CLOCK_FILE holds how many seconds the clock is ahead; a
new number is a step of the clock. Steady clocks are left alone, as a step leaves them.
"""

import datetime
import importlib
import os
import threading
import time
from pathlib import Path

import time_machine

_ANEW = 0.05
_file = Path(os.environ["CLOCK_FILE"])


def _ahead() -> float:
    text = _file.read_text() if _file.exists() else ""
    return float(text or 0)


def _step() -> None:
    """By the difference to what it was: time_machine counts on from the real clock by itself."""
    shown = _first
    while True:
        time.sleep(_ANEW)
        if (wanted := _ahead()) != shown:
            _clock.shift(wanted - shown)
            shown = wanted


vars().update(vars(importlib.import_module(os.environ["CLOCK_SETTINGS"])))
_first = _ahead()
_clock = time_machine.travel(
    datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=_first)
).start()
threading.Thread(target=_step, daemon=True).start()
