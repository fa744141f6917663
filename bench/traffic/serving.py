"""Requests against the web process and against the bare application on the same server."""

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from bench import processes
from bench.references import bare_orders
from bench.system import WEB_WORKERS, MeasuredSystem
from bench.traffic.load import Answered, Asked
from script.launcher.paths import ROOT
from script.launcher.services.ports import free_port
from script.launcher.services.processes import tie_to_this_process

CONNECTIONS = 16
_BARE = (
    "granian --interface wsgi --host 127.0.0.1 --port {port} --workers {workers}"
    " --blocking-threads 4 --no-log bench.references.bare_orders:application"
)


@dataclass(frozen=True, slots=True)
class Served:
    """What a load was answered, and the CPU seconds it took, by process."""

    answered: Answered
    cpu: Mapping[str, float]

    @property
    def cpu_ms(self) -> float:
        """Of all processes together, for each request."""
        return sum(self.cpu_ms_by_process.values())

    @property
    def cpu_ms_by_process(self) -> Mapping[str, float]:
        return {name: seconds / self.answered.count * 1000 for name, seconds in self.cpu.items()}


@contextmanager
def bare(system: MeasuredSystem) -> Iterator[tuple[int, Mapping[str, int]]]:
    """The bare application: its port, and the processes that work for it."""
    system.query_outside(bare_orders.TABLE)
    port = free_port()
    words = shlex.split(_BARE.format(port=port, workers=WEB_WORKERS))
    process = subprocess.Popen(
        [sys.executable, "-m", *words],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": system.database},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=tie_to_this_process(signal.SIGKILL),
    )
    try:
        system.wait_for(lambda: listens(port), "the bare application to listen")
        yield port, {"web": process.pid, "postgresql": system.servers.pids["postgresql"]}
    finally:
        process.terminate()
        process.wait()


def load(
    *,
    port: int,
    pids: Mapping[str, int],
    path: str,
    bodies: Sequence[str],
    headers: Mapping[str, str],
    seconds: float | None,
    connections: int = CONNECTIONS,
) -> Served:
    """Send the bodies in turn for so many seconds, or each once. `pids` are all processes that work
    for it. Raises AssertionError unless every answer says that the request was taken."""
    asked: Asked = {
        "port": port,
        "path": path,
        "bodies": list(bodies),
        "headers": dict(headers),
        "seconds": seconds,
        "connections": connections,
    }
    with processes.measured(pids) as used:
        done = subprocess.run(
            [sys.executable, "-m", "bench.traffic.load"],
            cwd=ROOT,
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            check=True,
        )
    answered = Answered(**json.loads(done.stdout))
    assert set(answered.statuses) <= {"200", "201", "202"}, answered.statuses
    return Served(answered, used.seconds)


def listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False
