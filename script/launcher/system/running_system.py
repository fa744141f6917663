"""The whole product as processes of a test run: web, worker and beat, with the outside world."""

import http.client
import itertools
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from script.launcher.paths import ROOT
from script.launcher.services.ports import free_port
from script.launcher.services.processes import children_of
from script.launcher.system import staying_here
from script.launcher.system.simulators import Simulators

BASE = "/notifications/api/v1"
PROGRAMS = {
    "web": "granian --interface asginl --http 1 --http1-buffer-size 65536 --host 127.0.0.1"
    " --port {port} --workers 1"
    " --backlog 4096 --respawn-failed-workers {logs} config.asgi:application",
    "worker": "celery -A config worker -P threads -c 8 --without-gossip --without-mingle"
    " -Q processing,dispatch-sms,dispatch-email,events,maintenance",
    "beat": "celery -A config beat",
}
LOGS = "--log-config config/web_logs.json"
TIMEOUT = 90.0
"""Long, since nobody waits for it but where something is broken or the machine is busy."""
_BROKERS = itertools.cycle(range(1, 9))
"""Each system has a broker to itself: workers would take the runs of another's beat. Database 0 is
the tests' own, 9 that of single workers."""
# What `migrate` takes seconds for is copied in an instant.
_MIGRATED = "migrated"
_has_migrated: set[str] = set()
"""The servers that have a database named so, made in this run."""
ENDS = {"Completed", "SendConditionNotMet", "Cancelled"}


class DidNotHappen(AssertionError):
    """What a test waited for did not come about in time."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class RunningSystem:
    """Starts on a fresh database beside the run's own; `stop` ends every process of it."""

    def __init__(
        self,
        folder: Path,
        *,
        name: str,
        settings: Mapping[str, str] | None = None,
        programs: Collection[str] = tuple(PROGRAMS),
        checkout: Path = ROOT,
    ) -> None:
        """What runs is the code of `checkout`, and what is started later that of then."""
        staying_here.begin()
        self.checkout = checkout
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.outside = Simulators(folder, {"NOTIFICATIONS_URL": self.url})
        is_ready = checkout == ROOT and _is_migrated()
        self.database = _fresh_database(name, like=_MIGRATED if is_ready else "template1")
        self.environment = {
            **os.environ,
            **self.outside.environment,
            **self.outside.single_sign_on,
            "DJANGO_SETTINGS_MODULE": "config.settings.local",
            "SECRET_KEY": "only-for-this-run",
            "WEBHOOK_KEYS": "only-for-this-run",
            "DATABASE_URL": self.database,
            "REDIS_URL": f"{os.environ['REDIS_URL'].rpartition('/')[0]}/{next(_BROKERS)}",
            "PUBLIC_BASE_URL": self.url,
            "SMS_SEND_WINDOW": "00:00-24:00",
            **(settings or {}),
        }
        self.folder = folder
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.tokens: dict[tuple[str, ...], str] = {}
        try:
            if not is_ready:
                self.command("migrate")
            if not is_ready and checkout == ROOT:
                _fresh_database(_MIGRATED, like=name)
                _has_migrated.add(os.environ["DATABASE_URL"])
            for program in programs:
                self.start(program)
            self.wait_for(self._is_healthy, "the web process to serve /health")
        except BaseException:
            # Not what a subclass makes of it: that has not been set up yet.
            RunningSystem.stop(self)
            raise

    def start(self, program: str) -> None:
        """Start (again) the web process, the worker or beat."""
        self.start_as(program, program, port=self.port)

    def start_as(self, name: str, program: str, *, port: int = 0) -> None:
        """Start one beside the others, by a name of its own; a web process on a port of its own."""
        # A version from before has no such file.
        logs = LOGS if (self.checkout / "config/web_logs.json").exists() else "--no-log"
        module = shlex.split(PROGRAMS[program].format(port=port, logs=logs))
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", *module],
                cwd=self.checkout,
                env=self.environment,
                stdout=log,
                stderr=log,
            )

    def kill(self, program: str) -> None:
        """End a process, and those that it has started, as a power cut would."""
        kill_family(self.processes[program])

    def stop(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=10)
            kill_family(process)
        self.outside.stop()

    def command(self, *words: str) -> str:
        """Run a management command and return what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=self.checkout,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def token(self, *words: str) -> str:
        """ttd's, or the one that the command prints for these words. Printed once."""
        words = words or ("ttd",)
        if words not in self.tokens:
            self.tokens[words] = self.command("token", *words)
        return self.tokens[words]

    def call(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        port: int = 0,
    ) -> Answer:
        """One request on its own connection; with ttd's bearer token unless headers are given."""
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=TIMEOUT)
        if headers is None:
            headers = {"Authorization": f"Bearer {self.token()}"}
            if body is not None:
                headers["Content-Type"] = "application/json"
        try:
            connection.request(method, path, body, dict(headers))
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def place(self, path: str, order: object) -> Answer:
        """POST an order, given as bytes or as what JSON is made of."""
        body = order if isinstance(order, bytes) else json.dumps(order).encode()
        return self.call("POST", f"{BASE}/{path}", body)

    def sms_summary(self, order_id: str) -> dict[str, Any]:
        answer = self.call("GET", f"{BASE}/orders/{order_id}/notifications/sms")
        assert answer.status == 200, answer
        return dict(answer.json)

    def query(self, statement: str, *parameters: object) -> list[TupleRow]:
        """Look into the database, where the API shows nothing."""
        with psycopg.connect(self.database, autocommit=True) as connection:
            return connection.execute(statement, parameters).fetchall()

    def order_status(self, order_id: str) -> str:
        rows = self.query("SELECT status FROM orders_order WHERE id = %s", order_id)
        return str(rows[0][0])

    def wait_for_completion(self, *order_ids: str, seconds: float = TIMEOUT) -> None:
        """Wait until each order has reached its end."""
        self.wait_for(
            lambda: {self.order_status(order_id) for order_id in order_ids} <= ENDS,
            f"orders {', '.join(order_ids)} to reach their end",
            seconds=seconds,
        )

    def wait_for(
        self, happened: Callable[[], bool], what: str, *, seconds: float = TIMEOUT
    ) -> None:
        """Wait for the truth of a condition. Raises `DidNotHappen`."""
        deadline = time.monotonic() + seconds
        while not happened():
            if time.monotonic() > deadline:
                raise DidNotHappen(f"Waited {seconds:.0f} s in vain for {what}; see {self.folder}.")
            time.sleep(0.05)

    def _is_healthy(self) -> bool:
        try:
            return self.call("GET", "/health", headers={}).status == 200
        except OSError:
            return False


def kill_family(process: subprocess.Popen[bytes]) -> None:
    """With its children: granian's would go on to hold the port."""
    if process.poll() is None:
        process.send_signal(signal.SIGSTOP)  # it starts no more of them
        for pid in children_of(process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.kill()
    process.wait()


def _is_migrated() -> bool:
    return os.environ["DATABASE_URL"] in _has_migrated


def _fresh_database(name: str, *, like: str) -> str:
    """The address of a new database on the run's PostgreSQL, a copy of another one there."""
    url = os.environ["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        database = sql.Identifier(name)
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database))
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        connection.execute(create.format(database, sql.Identifier(like)))
    address, mark, options = url.partition("?")
    return f"{address.rsplit('/', 1)[0]}/{name}{mark}{options}"
