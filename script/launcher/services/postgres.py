"""A PostgreSQL of our own: one data folder, a unix socket in it, no network."""

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from script.launcher.console import Refusal
from script.launcher.services.account import Account, hand_over, identity
from script.launcher.services.binaries import Programs
from script.launcher.services.processes import Child, Household, tie_to_this_process

DATABASE = "notifications"
START_SECONDS = 60.0  # recovery after a power cut may take a while
SOCKET_PATH_LIMIT = 107  # bytes; sockaddr_un on Linux
ENVIRONMENT: Mapping[str, str] = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
EPHEMERAL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""Faster, and a crash of the machine loses the data."""


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server."""

    url: str
    child: Child


def start(
    programs: Programs,
    *,
    folder: Path,
    account: Account | None,
    household: Household,
    settings: Mapping[str, str],
) -> Postgres:
    """Start a server on the data in `folder`, which belongs to the account; make the data first
    where there is none."""
    data = folder / f"data-{programs.major}"
    sockets = _socket_folder(folder, account)
    if not data.exists():
        _initialize(programs, data=data, account=account, settings=settings)
    _forget_dead_owner(data)
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",
        "timezone": "UTC",
        **settings,
    }
    child = household.start(
        "postgresql",
        [programs.folder / "postgres", "-D", data, *_as_arguments(options)],
        environment=ENVIRONMENT,
        account=account,
        folder=folder,
        stop_signal=signal.SIGINT,  # "fast": does not wait for open connections
        orphan_signal=signal.SIGINT,
    )
    household.wait_until(
        lambda: _says_ready(data, child.process.pid),
        what="Starting PostgreSQL",
        seconds=START_SECONDS,
    )
    return Postgres(url=f"postgresql://postgres@/{DATABASE}?host={sockets}", child=child)


def _initialize(
    programs: Programs, *, data: Path, account: Account | None, settings: Mapping[str, str]
) -> None:
    """Make a data folder with one empty database: all or nothing."""
    unfinished = data.with_name(f"{data.name}.new")
    if unfinished.exists():
        shutil.rmtree(unfinished)
    # C.UTF-8 folds the case of every letter, and sorts alike on every machine. From version 17
    # PostgreSQL brings it along; before, it is the machine's.
    locale = ["--locale=C.UTF-8"]
    if programs.major >= 17:
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    sync = ["--no-sync"] if settings.get("fsync") == "off" else []
    options = ["-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-instructions"]
    _run([programs.folder / "initdb", "-D", unfinished, *options, *locale, *sync], account, said="")
    _run(
        [programs.folder / "postgres", "--single", "-D", unfinished, "postgres"],
        account,
        said=f"CREATE DATABASE {DATABASE}\n",
    )
    unfinished.rename(data)


def _run(command: list[str | Path], account: Account | None, *, said: str) -> None:
    done = subprocess.run(
        command,
        input=said,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd="/",
        env=ENVIRONMENT,
        preexec_fn=tie_to_this_process(signal.SIGKILL),
        **identity(account),
    )
    if done.returncode != 0 or "FATAL" in done.stdout or "ERROR" in done.stdout:
        raise Refusal(f"PostgreSQL could not make its data folder:\n{done.stdout.strip()}")


def _says_ready(data: Path, pid: int) -> bool:
    """The server reports its state in the eighth line of its pid file; pg_ctl reads it too."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"


def _forget_dead_owner(data: Path) -> None:
    """Remove the pid file of a server that was killed with its machine.

    Where process ids start over (containers) the number may be another program's by now, and
    PostgreSQL would refuse to start. One that is still shutting down is left to say so itself.
    """
    pid_file = data / "postmaster.pid"
    try:
        owner = int(pid_file.read_text().splitlines()[0])
        running = Path(f"/proc/{owner}/comm").read_text().strip()
    except (FileNotFoundError, ProcessLookupError, IndexError, ValueError):
        return
    if running != "postgres":
        pid_file.unlink()


def _socket_folder(folder: Path, account: Account | None) -> Path:
    """The data's own folder, unless its path is too long for a socket."""
    if len(os.fsencode(folder / ".s.PGSQL.5432.lock")) <= SOCKET_PATH_LIMIT:
        return folder
    short = Path(f"/tmp/notifications-{folder.stat().st_dev:x}-{folder.stat().st_ino:x}")
    short.mkdir(mode=0o700, exist_ok=True)
    owner = account.uid if account else os.geteuid()
    if short.is_symlink() or short.stat().st_uid not in (os.geteuid(), owner):
        raise Refusal(f"{short} belongs to somebody else: delete it, or move this checkout.")
    hand_over(short, account)
    return short


def _as_arguments(options: Mapping[str, str]) -> list[str]:
    return [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
