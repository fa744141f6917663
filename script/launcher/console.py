"""What the two scripts say: short lines, each with the seconds since the command was typed."""

import os
import time

STARTED = "LAUNCHER_STARTED"
"""Environment variable that carries the start across the change of interpreter."""

_started = float(os.environ.pop(STARTED, time.monotonic()))


class Refusal(Exception):
    """The command goes no further; the text tells the reader why and what to do."""


def started() -> str:
    """The start of the command, to be handed to the interpreter that takes over."""
    return repr(_started)


def step(text: str) -> None:
    """Say that something is done, with the seconds it took to get here."""
    print(f"{time.monotonic() - _started:6.1f} s  {text}", flush=True)
