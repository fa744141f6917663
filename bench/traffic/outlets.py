"""The outside world at its quickest, as processes of their own, and what came to them when."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from script.launcher.paths import ROOT
from script.launcher.services.processes import tie_to_this_process


@dataclass(slots=True)
class Outlet:
    """`came` holds the Unix time of each message and `to` its receiver, once the outlet has
    closed."""

    port: int
    process: subprocess.Popen[str]
    came: Sequence[float] = field(default_factory=list)
    to: Sequence[str] = field(default_factory=list)

    def count(self) -> int:
        """How many have come so far."""
        self.process.send_signal(signal.SIGUSR1)
        return int(json.loads(self._line())[0])

    @property
    def seconds(self) -> float:
        """From the first to the last."""
        return self.came[-1] - self.came[0]

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def close(self) -> None:
        self.process.terminate()
        said = json.loads(self._line())
        self.came, self.to = said["came"], said["to"]
        self.process.wait()


@contextmanager
def outlet(kind: str, *, latency: float = 0.0) -> Iterator[Outlet]:
    """A gateway for `sms`, a mail server for `email`, or a `register`, which waits so long before
    each answer."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.traffic.sinks", kind, "--latency", str(latency)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=tie_to_this_process(signal.SIGKILL),
    )
    assert process.stdout is not None
    opened = Outlet(int(process.stdout.readline()), process)
    try:
        yield opened
        opened.close()
    finally:
        process.kill()
        process.wait()
