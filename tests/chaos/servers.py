"""A PostgreSQL and a Valkey that a run may stop, kill and start again."""

import signal
import time
from pathlib import Path

import redis

from script.launcher import postgres, valkey
from script.launcher.account import service_account
from script.launcher.binaries import find_postgres, find_valkey
from script.launcher.processes import Child, Household

# As in production: what was committed is on the disk when the server says so.
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


class Servers:
    """Both keep their addresses from start to start. `outages` are the times when PostgreSQL was
    stopped, in seconds since 1970."""

    def __init__(self, folder: Path) -> None:
        """`folder` belongs to the account that the servers run under."""
        self.outages: list[float] = []
        self._folder = folder
        self._account = service_account()
        self._household = Household(log_folder=folder)
        self._postgres = self._started_postgres()
        self._valkey = self._started_valkey(None)

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

    def _limit_valkey(self, most_bytes: int) -> None:
        with redis.Redis.from_url(self._valkey.url) as client:
            client.config_set("maxmemory", most_bytes)

    def stop(self) -> None:
        self._household.stop()

    def _end(self, child: Child, how: signal.Signals) -> None:
        child.process.send_signal(how)
        child.process.wait()
        self._household.children.remove(child)

    def _started_postgres(self) -> postgres.Postgres:
        return postgres.start(
            find_postgres(self._account),
            folder=self._folder,
            account=self._account,
            household=self._household,
            settings=DURABLE,
        )

    def _started_valkey(self, before: valkey.Valkey | None) -> valkey.Valkey:
        return valkey.start(
            find_valkey(self._account),
            folder=self._folder,
            account=self._account,
            household=self._household,
            place=before.place if before else None,
        )
