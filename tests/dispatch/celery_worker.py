"""A real worker process on the test's own database, told what to do as beat would tell it."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import redis
from celery import Celery
from django.conf import settings

from config.jobs.schedule import PERIODIC_JOBS

ROOT = Path(__file__).resolve().parents[2]
QUEUES = {job.task: job.queue for job in PERIODIC_JOBS}


class CeleryWorker:
    """Its broker, unless one is given, is a database of the run's Redis that nobody else uses."""

    def __init__(self, log: Path, environment: Mapping[str, str], *, broker: str = "") -> None:
        """`environment` goes to the process beside what points it at the database and broker."""
        broker = broker or os.environ["REDIS_URL"].rpartition("/")[0] + "/9"
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            "DATABASE_URL": _database_url(),
            "REDIS_URL": broker,
            **environment,
        }
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._beat = Celery("beat", broker=broker, set_as_current=False)
        self._beat.control.purge()
        with redis.Redis.from_url(broker) as client:  # nobody is called by what an earlier test did
            for call in client.scan_iter("notifications:ready:*"):
                client.delete(call)

    def start(self) -> None:
        words = "-m celery -A config worker -P threads -c 8 --without-gossip --without-mingle"
        queues = ",".join(sorted(set(QUEUES.values())))
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *words.split(), "-Q", queues],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
            )

    def run(self, task: str) -> None:
        """Have the periodic job run once."""
        self._beat.send_task(task, queue=QUEUES[task])

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End it, if it runs, as an operator would; it finishes what it has begun."""
        if self._process is not None and self.is_running:
            self._process.terminate()
            try:
                self._process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                self.kill()
        self._beat.close()

    def log(self) -> str:
        return self._log.read_text(errors="replace")


def _database_url() -> str:
    """The run's, with the name of the database that pytest-django made."""
    address, mark, options = os.environ["DATABASE_URL"].partition("?")
    name = settings.DATABASES["default"]["NAME"]
    return f"{address.rpartition('/')[0]}/{name}{mark}{options}"
