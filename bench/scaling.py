"""script/bench scale: placing and sending, with the parts of the system on hosts of their own."""

import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.hosts import OUTSIDE, Hosts
from bench.rows import draining, placing
from bench.system import MORE_WORKERS, MeasuredSystem
from bench.traffic import serving
from script.launcher.console import step
from script.launcher.services.account import hand_over, service_account
from script.launcher.services.ports import free_port
from script.launcher.system.servers import Servers

LAYOUTS: Mapping[str, Mapping[str, str]] = {
    "one: all": dict.fromkeys(("web", "workers", "servers"), "one"),
    "two: web and workers; servers": {"web": "app", "workers": "app", "servers": "data"},
    "three: web; workers; servers": {"web": "web", "workers": "work", "servers": "data"},
}
"""The servers are PostgreSQL and Valkey. Callers and the gateway are on one more host."""
WORKERS = (1, 2, 4)
MESSAGES = 10_000
SECONDS, WARM_UP = 2.0, 0.5
_HEAD = """| Hosts | | a second | CPU ms each |
|---|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """`cpu` is in milliseconds for each unit, by process; that of PostgreSQL includes making the
    backlog."""

    hosts: str
    what: str
    rate: float
    cpu: Mapping[str, float]

    def line(self) -> str:
        shares = {"web": 0.0, "workers": 0.0, "postgresql": 0.0, "valkey": 0.0}
        for name, used in self.cpu.items():
            kind = "workers" if name.startswith("worker") else name
            shares[kind] = shares.get(kind, 0.0) + used
        told = ", ".join(f"{name} {used:.2f}" for name, used in shares.items() if used >= 0.005)
        return f"| {self.hosts} | {self.what} | {self.rate:,.0f} | {told} |\n"


class SpreadSystem(MeasuredSystem):
    """Its programs run on the hosts that the layout names."""

    def __init__(
        self, folder: Path, servers: Servers, *, hosts: Hosts, layout: Mapping[str, str]
    ) -> None:
        self._hosts, self._layout = hosts, layout
        super().__init__(folder, servers)

    def start(self, program: str) -> None:
        host = self._layout["web" if program == "web" else "workers"]
        if program == "web":
            self._hosts.carry(self.port, to=host)
        elif program in self._metrics:
            self._hosts.carry(self._metrics[program], to=host)
        everything = " ".join(self.environment.values())
        for port in re.findall(r"(?:127\.0\.0\.1|localhost):(\d+)", everything):
            self.reach(int(port))
        with self._hosts.on(host):
            super().start(program)

    def reach(self, port: int) -> None:
        """What was not said before to be elsewhere is outside."""
        self._hosts.carry(port, to=OUTSIDE)


def table(logs: Path) -> str:
    """Markdown. Raises `NoHosts` where there can be none."""
    found: list[Measured] = []
    for name, layout in LAYOUTS.items():
        with _spread(layout, logs) as system:
            for one in _measured(name, system):
                step(f"{one.hosts}: {one.what}: {one.rate:,.0f}/s")
                found.append(one)
    return _HEAD + "".join(one.line() for one in found)


@contextmanager
def _spread(layout: Mapping[str, str], logs: Path) -> Iterator[SpreadSystem]:
    hosts = Hosts(list(layout.values()))
    before = dict(os.environ)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="notifications-bench-", dir="/tmp") as folder,
            hosts.on(OUTSIDE),
        ):
            hand_over(Path(folder), service_account())
            port = free_port()
            with hosts.on(layout["servers"]):
                servers = Servers(Path(folder), port=port)
            try:
                hosts.carry(port, to=layout["servers"])
                valkey = int(servers.urls["REDIS_URL"].rpartition(":")[2].partition("/")[0])
                hosts.carry(valkey, to=layout["servers"])
                system = SpreadSystem(logs, servers, hosts=hosts, layout=layout)
                try:
                    yield system
                finally:
                    system.stop()
            finally:
                with hosts.on(layout["servers"]):
                    servers.stop()
    finally:
        os.environ.clear()
        os.environ.update(before)
        hosts.close()


def _measured(hosts: str, system: SpreadSystem) -> Iterator[Measured]:
    yield _placed(hosts, system)
    system.empty()
    for count in WORKERS:
        drained = draining.drain(system, "Sms", messages=MESSAGES, workers=MORE_WORKERS[:count])
        what = f"sent by {count} worker{'s' * (count > 1)}"
        yield Measured(hosts, what, drained.rate, drained.cpu)


def _placed(hosts: str, system: SpreadSystem) -> Measured:
    headers = {"Authorization": f"Bearer {system.token()}", "Content-Type": "application/json"}
    bodies: Sequence[str] = [
        json.dumps({"body": "Hello.", "recipients": [{"mobileNumber": f"+479{n:07d}"}]})
        for n in range(placing.DIFFERENT)
    ]
    with system.running("web"):
        for seconds in (WARM_UP, SECONDS):
            served = serving.load(
                port=system.port,
                pids=system.pids,
                path=placing.ORDER,
                bodies=bodies,
                headers=headers,
                seconds=seconds,
            )
    return Measured(hosts, "placed", served.answered.rate, served.cpu_ms_by_process)
