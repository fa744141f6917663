"""One script/server per checkout: a second copy says where the first one is."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from script.launcher.console import Refusal


@contextmanager
def single_instance(lock_file: Path, *, address: str) -> Iterator[None]:
    """Hold the lock while the server runs. The kernel lets go of it however we end."""
    with lock_file.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Refusal(
                f"script/server is already running from this checkout: {lock.read().strip()}."
                " Stop it there with Ctrl-C, or open that address."
            ) from None
        lock.truncate(0)
        lock.write(f"{address} (process {os.getpid()})\n")
        lock.flush()
        yield
