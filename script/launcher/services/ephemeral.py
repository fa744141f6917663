"""A PostgreSQL and a Valkey for one test run: fast, private, gone afterwards."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from script.launcher.services import postgres, valkey
from script.launcher.services.account import Account, hand_over, service_account
from script.launcher.services.binaries import find_postgres, find_valkey
from script.launcher.services.processes import Household

PLACE = Path("/tmp")  # short, for the socket's path, and open to every account
PREFIX = "notifications-test-"
YOUNG_SECONDS = 60.0


@contextmanager
def services(environment: Mapping[str, str] = os.environ) -> Iterator[dict[str, str]]:
    """DATABASE_URL and REDIS_URL of services for a test run.

    TEST_DATABASE_URL and TEST_REDIS_URL, where set, name services that run already; nothing is
    started for them. A plain DATABASE_URL is never touched by tests.
    """
    database_url = environment.get("TEST_DATABASE_URL", "")
    redis_url = environment.get("TEST_REDIS_URL", "")
    account = service_account()
    _remove_left_behind(account)
    with _folder(account) as folder:
        household = Household(log_folder=folder)
        try:
            if not redis_url:
                program = find_valkey(account)
                redis_url = valkey.start(
                    program, folder=folder, account=account, household=household
                ).url
            if not database_url:
                database_url = postgres.start(
                    find_postgres(account),
                    folder=folder,
                    account=account,
                    household=household,
                    settings=postgres.EPHEMERAL,
                ).url
            yield {"DATABASE_URL": database_url, "REDIS_URL": redis_url}
        finally:
            household.stop()


@contextmanager
def _folder(account: Account | None) -> Iterator[Path]:
    """A folder that is locked while it is in use, and removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=PLACE))
    try:
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            hand_over(folder, account)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_left_behind(account: Account | None) -> None:
    """Remove the folders of runs that were killed: ours, unlocked, and not just being made."""
    owners = {os.geteuid()} | ({account.uid} if account else set())
    for folder in PLACE.glob(f"{PREFIX}*"):
        try:
            state = folder.lstat()
            if state.st_uid not in owners or time.time() - state.st_mtime < YOUNG_SECONDS:
                continue
            with (folder / "lock").open() as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:  # in use, or removed by somebody else meanwhile
            continue
