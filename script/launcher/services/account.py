"""The account that PostgreSQL and Valkey run under when the launcher itself is root."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from script.launcher.console import Refusal


class Identity(TypedDict, total=False):
    """The arguments that make subprocess start a program as somebody else."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """A user to run as; `None` in its place means: as whoever started us."""

    name: str
    uid: int
    gid: int


def service_account() -> Account | None:
    """PostgreSQL refuses to run as root: name the account to drop to, or None for a normal user."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name=name, uid=found.pw_uid, gid=found.pw_gid)
    raise Refusal(
        "PostgreSQL refuses to run as root, and there is no account 'postgres' or 'nobody' to run"
        " it under: start this as a normal user, or set DATABASE_URL and REDIS_URL."
    )


def identity(account: Account | None) -> Identity:
    """Leave every group behind too: root's groups are not the account's."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def hand_over(folder: Path, account: Account | None) -> None:
    """Give an own, private folder to the account. Its parents stay as they are."""
    folder.chmod(0o700)
    if account is not None:
        os.chown(folder, account.uid, account.gid)


def may_enter(folder: Path, account: Account) -> bool:
    """Whether the account can pass through every folder on the way."""
    enter = ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)]
    done = subprocess.run(enter, cwd="/", stderr=subprocess.DEVNULL, **identity(account))
    return done.returncode == 0
