"""A PostgreSQL and a Valkey that a run may stop, kill and start again."""

import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psycopg
import redis
from psycopg import sql

from script.launcher.services import postgres, valkey
from script.launcher.services.account import hand_over, service_account
from script.launcher.services.binaries import find_postgres, find_valkey
from script.launcher.services.processes import Child, Household

# As in production: what was committed is on the disk when the server says so.
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
SMALL_DISK = 128_000_000
"""Bytes; a run fills a tenth of them."""


class Servers:
    """Both keep their addresses from start to start. `outages` are the times when PostgreSQL was
    stopped or its connections were ended, in seconds since 1970. `small_disk` is where tables may
    be put whose disk is to run full; None where this machine lets us mount none."""

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        """`folder` belongs to the account that the servers run under. With a `port` PostgreSQL is
        reached by it, on the loopback, and else by its socket."""
        self.outages: list[float] = []
        self._folder, self._port = folder, port
        self._account = service_account()
        self._household = Household(log_folder=folder)
        self._postgres = self._started_postgres()
        self._valkey = self._started_valkey(None)
        self._taken: list[psycopg.Connection] = []
        self.small_disk = self._mounted(folder / "small")

    @property
    def urls(self) -> dict[str, str]:
        return {"DATABASE_URL": self._postgres.url, "REDIS_URL": self._valkey.url}

    @property
    def pids(self) -> dict[str, int]:
        return {
            "postgresql": self._postgres.child.process.pid,
            "valkey": self._valkey.child.process.pid,
        }

    def stop_postgres(self, how: signal.Signals) -> None:
        """SIGINT is a fast shutdown, SIGQUIT an immediate one, which is a crash."""
        self.outages.append(time.time())
        self._end(self._postgres.child, how)

    def start_postgres(self) -> None:
        self._postgres = self._started_postgres()

    def set_read_only(self, database: str) -> None:
        """As after a fail-over: who connects can only read, and nobody else is left."""
        self._alter(database, "SET default_transaction_read_only = on")
        self._end_connections(database)

    def set_writable(self, database: str) -> None:
        """Connections that can only read stay so: to replace them is the product's business."""
        self._alter(database, "RESET default_transaction_read_only")

    def take_all_connections(self, database: str) -> None:
        self._end_connections(database)
        with suppress(psycopg.OperationalError):
            while True:
                self._taken.append(psycopg.connect(self._postgres.url))

    def give_connections_back(self) -> None:
        while self._taken:
            self._taken.pop().close()

    def fill_disk(self) -> None:
        if self.small_disk:
            with (
                suppress(OSError),
                (self.small_disk / "ballast").open("wb", buffering=0) as ballast,
            ):
                while True:
                    ballast.write(bytes(1_000_000))

    def make_room(self) -> None:
        if self.small_disk:
            (self.small_disk / "ballast").unlink(missing_ok=True)

    def kill_valkey(self) -> None:
        self._end(self._valkey.child, signal.SIGKILL)

    def start_valkey(self) -> None:
        """Empty, as after a loss of its machine."""
        self._valkey = self._started_valkey(self._valkey)

    def stop_answering(self) -> None:
        """Valkey takes connections and commands, and says nothing."""
        self._valkey.child.process.send_signal(signal.SIGSTOP)

    def answer_again(self) -> None:
        self._valkey.child.process.send_signal(signal.SIGCONT)

    def flush_valkey(self) -> None:
        with redis.Redis.from_url(self._valkey.url) as client:
            client.flushall()

    def demote_valkey(self) -> None:
        """A fail-over makes a stand-by of it, of a server that is not there."""
        with redis.Redis.from_url(self._valkey.url) as client:
            client.replicaof("127.0.0.1", "1")

    def promote_valkey(self) -> None:
        with redis.Redis.from_url(self._valkey.url) as client:
            client.replicaof("NO", "ONE")

    def fill_valkey(self) -> None:
        """It has no memory left for another message."""
        self._limit_valkey(1)

    def empty_valkey(self) -> None:
        self._limit_valkey(0)

    def _limit_valkey(self, max_bytes: int) -> None:
        with redis.Redis.from_url(self._valkey.url) as client:
            client.config_set("maxmemory", max_bytes)

    def stop(self) -> None:
        self.give_connections_back()
        self._household.stop()
        if self.small_disk:
            subprocess.run(["umount", self.small_disk], check=True)

    def _mounted(self, folder: Path) -> Path | None:
        """A disk that may run full, as the tablespace `small`."""
        folder.mkdir()
        options = f"size={SMALL_DISK}"
        mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        if subprocess.run(mount, check=False, capture_output=True).returncode:
            return None
        data = folder / "data"
        data.mkdir()
        for one in (folder, data):
            hand_over(one, self._account)
        create = sql.SQL("CREATE TABLESPACE small LOCATION {}").format(str(data))
        with psycopg.connect(self._postgres.url, autocommit=True) as connection:
            connection.execute(create)
        return folder

    def _alter(self, database: str, how: str) -> None:
        statement = f"ALTER DATABASE {database} {how}"
        with psycopg.connect(self._postgres.url, autocommit=True) as connection:
            connection.execute(statement)

    def _end_connections(self, database: str) -> None:
        self.outages.append(time.time())
        with psycopg.connect(self._postgres.url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE datname = %s",
                [database],
            )

    def _end(self, child: Child, how: signal.Signals) -> None:
        child.process.send_signal(how)
        child.process.wait()
        self._household.children.remove(child)

    def _started_postgres(self) -> postgres.Postgres:
        reached = {"listen_addresses": "127.0.0.1", "port": str(self._port)} if self._port else {}
        started = postgres.start(
            find_postgres(self._account),
            folder=self._folder,
            account=self._account,
            household=self._household,
            settings=DURABLE | reached,
        )
        if self._port is None:
            return started
        return replace(
            started, url=f"postgresql://postgres@127.0.0.1:{self._port}/{postgres.DATABASE}"
        )

    def _started_valkey(self, before: valkey.Valkey | None) -> valkey.Valkey:
        return valkey.start(
            find_valkey(self._account),
            folder=self._folder,
            account=self._account,
            household=self._household,
            place=before.place if before else None,
        )
