"""The whole product on servers of its own, with a supervisor that starts again what has ended."""

import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psycopg

from script.launcher.paths import ROOT
from script.launcher.services.processes import children_of, tie_to_this_process
from script.launcher.system.running_system import LOGS, RunningSystem
from script.launcher.system.running_system import PROGRAMS as USUAL_PROGRAMS
from script.launcher.system.servers import Servers
from tests.chaos import leases
from tests.chaos.repetitions import Kill
from tests.slow_callers import SlowCallers
from tests.wrong_clock.steps import WrongClock

DATABASE = "chaos"
SETTINGS_MODULE = "config.settings.local"
WORKERS = ("worker-1", "worker-2")
_SHORT_LIMITS = USUAL_PROGRAMS["worker"].replace("-A config", "-A tests.chaos.shortened_limits")
PROGRAMS = {
    "web": USUAL_PROGRAMS["web"].replace("config.asgi", "tests.chaos.shortened_limits_web"),
    "beat": USUAL_PROGRAMS["beat"],
    **{name: f"{_SHORT_LIMITS} -n {name}@%h" for name in WORKERS},
}
EMAIL_IN_FLIGHT, COMPOSED_EMAIL_IN_FLIGHT = 16, 4
"""As shipped."""
SETTINGS = {
    # A mail server that hangs is given up within the run.
    "EMAIL_TIMEOUT": "4",
    # Counted as in production, and too high to refuse anything.
    "CREATOR_REQUESTS_PER_MINUTE": "10000000",
    "CREATOR_RECIPIENTS_PER_MINUTE": "1000000000",
}
RESTART_AFTER = 1.0
USUAL = {"gateway": ("late", 150), "smtp": ("", 50)}
"""A gateway takes a message at once and its time to say so: there a kill hurts most."""
_SWEEP_OFTEN = """
UPDATE django_celery_beat_periodictask SET expire_seconds = NULL, interval_id = (
    SELECT id FROM django_celery_beat_intervalschedule WHERE every = 1 AND period = 'seconds'
) WHERE task = 'dispatch.sweep' RETURNING id
"""
"""A sweep a second instead of every 30, and kept even when it is late."""


class SystemUnderFire(RunningSystem):
    """A web process, two workers and beat.

    `ended` counts the processes that nobody killed, `kills` tells of the others by their names:
    each start of a program gives it a new one. `web_deaths` are when requests under way were lost.
    """

    def __init__(self, folder: Path, servers: Servers, *, rate: float) -> None:
        """`rate` is about how many SMS a second the two workers manage together."""
        self.servers = servers
        self.ended: Counter[str] = Counter()
        self.kills: dict[str, Kill] = {}
        self.web_deaths: list[float] = []
        self.slow_callers: SlowCallers | None = None
        self.clocks = {
            program: WrongClock(folder / f"{program}.clock", SETTINGS_MODULE)
            for program in PROGRAMS
        }
        self.in_flight = {
            "Sms": max(2, round(rate * USUAL["gateway"][1] / 1000 / len(WORKERS))),
            "Email": EMAIL_IN_FLIGHT + COMPOSED_EMAIL_IN_FLIGHT,
        }
        self._starts: Counter[str] = Counter()
        self._lock = threading.RLock()
        self._killed: set[str] = set()
        self._over = threading.Event()
        self._staff = ThreadPoolExecutor(1)
        super().__init__(
            folder,
            name=DATABASE,
            settings={
                **SETTINGS,
                # So few that the messages last as long as the faults.
                "SMS_IN_FLIGHT": str(self.in_flight["Sms"]),
                "REDIS_URL": servers.urls["REDIS_URL"],
            },
            programs=["web"],
        )
        assert len(self.query(_SWEEP_OFTEN)) == 1
        leases.keep(self.database)
        if servers.small_disk:
            for what in ("TABLE", "INDEX"):
                move = f"ALTER {what} ALL IN TABLESPACE pg_default SET TABLESPACE small"
                with psycopg.connect(self.database, autocommit=True) as connection:
                    connection.execute(move)
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
            self._starts[program] += 1
            words = shlex.split(PROGRAMS[program].format(port=self.port, logs=LOGS))
            with (self.folder / f"{program}.log").open("ab") as log:
                self.processes[program] = subprocess.Popen(
                    [sys.executable, "-m", *words],
                    cwd=ROOT,
                    env={
                        **self.environment,
                        **self.clocks[program].environment,
                        "PGOPTIONS": f"-c {leases.HOLDER}={self._name_of(program)}",
                    },
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
            self.web_deaths += [time.time()] * (program == "web")
            began, name = time.time(), self._name_of(program)
            with suppress(ProcessLookupError):
                os.killpg(self.processes[program].pid, signal.SIGKILL)
            self.processes[program].wait()
            self.kills.setdefault(name, Kill(name, began, time.time()))

    def kill_request_process(self) -> None:
        """End the process in which granian has requests answered, and not granian itself."""
        with self._lock:
            self.web_deaths.append(time.time())
            for pid in children_of(self.processes["web"].pid):
                os.kill(pid, signal.SIGKILL)

    def insist(self, *words: str) -> None:
        """Have a management command run, once those before it are done, until it succeeds."""
        self._staff.submit(self._try_until_done, *words)

    def have_peace(self, part: str) -> None:
        """End what was wrong with a part of the outside world."""
        mode, latency_ms = USUAL.get(part, ("", 0))
        self.outside.fault(part, mode, latency_ms=latency_ms)

    def stop(self) -> None:
        self._over.set()
        self._supervisor.join()
        self._staff.shutdown(cancel_futures=True)
        super().stop()

    def _name_of(self, program: str) -> str:
        return f"{program}.{self._starts[program]}"

    def _try_until_done(self, *words: str) -> None:
        while not self._over.is_set():
            with suppress(AssertionError):  # PostgreSQL may be away
                self.command(*words)
                return
            self._over.wait(RESTART_AFTER)

    def _supervise(self) -> None:
        while not self._over.wait(RESTART_AFTER):
            with self._lock:
                for program, process in self.processes.items():
                    if process.poll() is not None and program not in self._killed:
                        self.ended[program] += 1
                        self.start(program)
