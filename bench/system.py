"""The whole product with durable servers of its own, whose parts start and stop for each figure."""

import os
import re
import shlex
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from script.launcher.paths import ROOT
from script.launcher.services.ports import free_port
from script.launcher.services.processes import tie_to_this_process
from script.launcher.system.running_system import LOGS, PROGRAMS, RunningSystem
from script.launcher.system.servers import Servers

WEB_WORKERS = 2
WORKERS = ("worker-1", "worker-2")
MORE_WORKERS = (*WORKERS, "worker-3", "worker-4")
_PROGRAMS = {
    "web": PROGRAMS["web"].replace("--workers 1", f"--workers {WEB_WORKERS}"),
    "beat": PROGRAMS["beat"],
    **{name: f"{PROGRAMS['worker']} -n {name}@%h" for name in MORE_WORKERS},
}
SETTINGS = {
    "CREATOR_REQUESTS_PER_MINUTE": "10000000",
    "CREATOR_RECIPIENTS_PER_MINUTE": "1000000000",
}
"""Limits are counted as in production, and are too high to refuse anything. All else is what ships.
"""
SECONDS_TO_END = 30.0
TRIES = 10


class MeasuredSystem(RunningSystem):
    """Nothing runs between figures but the servers and the simulated outside world."""

    def __init__(self, folder: Path, servers: Servers) -> None:
        self.servers = servers
        self._metrics = {name: free_port() for name in MORE_WORKERS}
        os.environ.update(servers.urls)
        super().__init__(
            folder,
            name="bench",
            settings={**SETTINGS, "REDIS_URL": servers.urls["REDIS_URL"]},
            programs=["web"],
        )
        self.token()
        self.end("web")

    def start(self, program: str) -> None:
        words = shlex.split(_PROGRAMS[program].format(port=self.port, logs=LOGS))
        with (self.folder / f"{program}.log").open("ab") as log:
            self.processes[program] = subprocess.Popen(
                [sys.executable, "-m", *words],
                cwd=ROOT,
                env=self.environment | {"WORKER_METRICS_PORT": str(self._metrics.get(program, 0))},
                stdout=log,
                stderr=log,
                preexec_fn=tie_to_this_process(signal.SIGKILL),
            )

    def end(self, program: str) -> None:
        process = self.processes.pop(program)
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=SECONDS_TO_END)
        process.kill()
        process.wait()

    @contextmanager
    def running(self, *programs: str, settings: Mapping[str, str] | None = None) -> Iterator[None]:
        """The named programs, ready to work. `settings` say where the outside world of a row is."""
        usual = self.environment
        self.environment = usual | dict(settings or {})
        try:
            for program in programs:
                self.start(program)
            self._wait_until_ready(programs)
            yield
        finally:
            for program in programs:
                self.end(program)
            self.environment = usual

    def _wait_until_ready(self, programs: Collection[str]) -> None:
        if "web" in programs:
            self.wait_for(self._is_healthy, "the web process to serve /health")
        if "beat" in programs:
            self.query_outside("DELETE FROM dispatch_tick")
            self.wait_for(
                lambda: self.query("SELECT count(*) FROM dispatch_tick")[0][0] >= 5,
                "the jobs to run",
            )

    @property
    def pids(self) -> dict[str, int]:
        """The programs that run, and the servers."""
        return {
            **{name: process.pid for name, process in self.processes.items()},
            **self.servers.pids,
        }

    def reach(self, port: int) -> None:
        """Somebody outside listens there, whom the programs are to reach: they do, on one host."""

    def tried_by(self, worker: str) -> int:
        """How many messages the worker has handed to the gateway."""
        page = f"http://127.0.0.1:{self._metrics[worker]}/metrics"
        with urllib.request.urlopen(page, timeout=SECONDS_TO_END) as answer:
            counted = answer.read().decode()
        tried = re.findall(r"^notifications_sends_total{.*} (.*)$", counted, re.MULTILINE)
        return round(sum(map(float, tried)))

    def settle(self) -> None:
        """Statistics and the visibility map as after a while of running."""
        self.query_outside("VACUUM ANALYZE")
        self.query_outside("CHECKPOINT")

    def query_outside(self, statement: str) -> None:
        """A statement that answers nothing."""
        with psycopg.connect(self.database, autocommit=True) as connection:
            connection.execute(statement)

    def empty(self) -> None:
        """Forget all orders, and what became of them. A run may be in the way for a moment."""
        for _ in range(TRIES):
            with suppress(psycopg.errors.DeadlockDetected):
                self.query_outside(
                    "TRUNCATE orders_order, recipients_recipient, notifications_notification,"
                    " notifications_statusfeedentry, dispatch_deliveryreport, dispatch_attempt"
                    " CASCADE"
                )
                return
        raise AssertionError("The tables could not be emptied.")
