"""Workers and beat leave a sign of life on their machine, for whoever restarts what hangs.

`python -m runtime.alive worker dispatch-sms` and `python -m runtime.alive beat` exit with 0 while
there has been one lately. They load nothing but this module: probes come every few seconds.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

EVERY = 5.0
"""Seconds between two signs."""
SILENT = 60.0
"""Seconds without one, after which a process counts as one that hangs."""


def sign(name: str) -> None:
    """Raises OSError where there is no room, or somebody else owns the file."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    file = os.open(_file_of(name), flags, 0o644)
    try:
        os.write(file, repr(time.monotonic()).encode())
    finally:
        os.close(file)


def is_alive(name: str) -> bool:
    """By the machine's steady clock, which containers share: a sign from before it was started
    again lies in the future, and counts for nothing."""
    try:
        age = time.monotonic() - float(_file_of(name).read_text())
    except FileNotFoundError:
        return False
    except ValueError:  # just being written
        return True
    return 0 <= age < SILENT


def _file_of(name: str) -> Path:
    return Path(tempfile.gettempdir()) / f"notifications-{name}.alive"


def main(words: list[str]) -> int:
    match words:
        case ["beat"]:
            name = "beat"
        case ["worker", queue] if queue.replace("-", "").isalnum():
            name = f"worker-{queue}"
        case _:
            sys.stderr.write("Usage: python -m runtime.alive worker QUEUE | beat\n")
            return 2
    if is_alive(name):
        return 0
    sys.stderr.write(f"No sign of life of {' '.join(words)} for {SILENT:g} seconds.\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
