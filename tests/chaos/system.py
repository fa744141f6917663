"""The whole product on servers of its own, with a supervisor that starts again what has ended."""

import os
import shlex
import signal
import subprocess
import sys
import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path

from script.launcher.processes import tie_to_this_process
from tests.chaos.servers import Servers
from tests.running_system import PROGRAMS, ROOT, RunningSystem

WORKERS = ("worker-1", "worker-2")
_HURRIED = PROGRAMS["worker"].replace("-A config", "-A tests.chaos.hurried")
_PROGRAMS = {
    "web": PROGRAMS["web"],
    "beat": PROGRAMS["beat"],
    **{name: f"{_HURRIED} -n {name}@%h" for name in WORKERS},
}
SETTINGS = {
    "EMAIL_TIMEOUT": "4",
    "CREATOR_REQUESTS_PER_MINUTE": "0",
    "CREATOR_RECIPIENTS_PER_MINUTE": "0",
    "SEND_CONDITION_ALLOWED_HOSTS": "127.0.0.1",
}
RESTART_AFTER = 1.0
# A gateway takes a message at once and its time to say so: there a kill hurts most.
USUAL = {"gateway": ("late", 150), "smtp": ("", 50)}
# A sweep a second instead of every 30, and kept even when it is late.
_SWEEP_OFTEN = """
UPDATE django_celery_beat_periodictask SET expire_seconds = NULL, interval_id = (
    SELECT id FROM django_celery_beat_intervalschedule WHERE every = 1 AND period = 'seconds'
) WHERE task = 'dispatch.sweep' RETURNING id
"""


class SystemUnderFire(RunningSystem):
    """A web process, two workers and beat. `ended` counts the processes that nobody killed."""

    def __init__(self, folder: Path, servers: Servers, *, rate: float) -> None:
        """`rate` is about how many SMS a second the two workers manage together."""
        self.servers = servers
        self.ended: Counter[str] = Counter()
        self._lock = threading.RLock()
        self._killed: set[str] = set()
        self._over = threading.Event()
        super().__init__(
            folder,
            name="chaos",
            settings={
                **SETTINGS,
                "SMS_IN_FLIGHT": str(
                    max(2, round(rate * USUAL["gateway"][1] / 1000 / len(WORKERS)))
                ),
                "REDIS_URL": servers.urls["REDIS_URL"],
            },
            programs=["web"],
        )
        assert len(self.query(_SWEEP_OFTEN)) == 1
        for part in USUAL:
            self.have_peace(part)
        for program in (*WORKERS, "beat"):
            self.start(program)
        self._supervisor = threading.Thread(target=self._supervise, daemon=True)
        self._supervisor.start()

    def start(self, program: str) -> None:
        """Start (again) one of the processes, unless it runs."""
        with self._lock:
            if program in self.processes and self.processes[program].poll() is None:
                return
            words = shlex.split(_PROGRAMS[program].format(port=self.port))
            with (self.folder / f"{program}.log").open("ab") as log:
                self.processes[program] = subprocess.Popen(
                    [sys.executable, "-m", *words],
                    cwd=ROOT,
                    env=self.environment,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    preexec_fn=tie_to_this_process(signal.SIGKILL),
                )
            self._killed.discard(program)

    def kill(self, program: str) -> None:
        """End a process, and those that it has started, as a power cut would."""
        with self._lock:
            self._killed.add(program)
            with suppress(ProcessLookupError):
                os.killpg(self.processes[program].pid, signal.SIGKILL)
            self.processes[program].wait()

    def have_peace(self, part: str) -> None:
        """End what was wrong with a part of the outside world."""
        mode, latency_ms = USUAL.get(part, ("", 0))
        self.outside.fault(part, mode, latency_ms=latency_ms)

    def stop(self) -> None:
        self._over.set()
        self._supervisor.join()
        super().stop()

    def _supervise(self) -> None:
        while not self._over.wait(RESTART_AFTER):
            with self._lock:
                for program, process in self.processes.items():
                    if process.poll() is not None and program not in self._killed:
                        self.ended[program] += 1
                        self.start(program)
