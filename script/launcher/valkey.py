"""A Valkey (or Redis) of our own: on the loopback, behind a password, nothing written to disk."""

import secrets
import socket
from dataclasses import dataclass
from pathlib import Path

from .account import Account
from .ports import free_port
from .processes import Child, Household

START_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Valkey:
    """A running server."""

    url: str
    child: Child


def start(program: Path, *, folder: Path, account: Account | None, household: Household) -> Valkey:
    """Start a server on a free port. What it holds is gone when it stops."""
    port, password = free_port(), secrets.token_hex(16)
    child = household.start(
        "valkey",
        [program, "-"],
        environment={},
        account=account,
        folder=folder,
        # By standard input: other users of the machine can read a command line.
        stdin=(
            f"bind 127.0.0.1\nport {port}\nrequirepass {password}\n"
            'save ""\nappendonly no\nmaxmemory-policy noeviction\n'
        ).encode(),
    )
    household.wait_until(
        lambda: _answers(port, password), what="Starting Valkey", seconds=START_SECONDS
    )
    return Valkey(url=f"redis://:{password}@127.0.0.1:{port}/0", child=child)


def _answers(port: int, password: str) -> bool:
    """Whether it is ours that answers on the port: only ours takes the password."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1.0) as connection:
            connection.sendall(f"AUTH {password}\r\n".encode())
            return connection.recv(16).startswith(b"+OK")
    except OSError:
        return False
