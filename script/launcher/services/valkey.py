"""A Valkey (or Redis) of our own: on the loopback, behind a password, nothing written to disk."""

import secrets
import socket
from dataclasses import dataclass
from pathlib import Path

from script.launcher.services.account import Account
from script.launcher.services.ports import free_port
from script.launcher.services.processes import Child, Household

START_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where clients find a server, and what they say to be let in."""

    port: int
    password: str


@dataclass(frozen=True, slots=True)
class Valkey:
    """A running server."""

    place: Place
    child: Child

    @property
    def url(self) -> str:
        return f"redis://:{self.place.password}@127.0.0.1:{self.place.port}/0"


def start(
    program: Path,
    *,
    folder: Path,
    account: Account | None,
    household: Household,
    place: Place | None = None,
) -> Valkey:
    """Start a server, on a free port unless it is to take the place of one that has ended. What it
    holds is gone when it stops."""
    place = place or Place(free_port(), secrets.token_hex(16))
    child = household.start(
        "valkey",
        [program, "-"],
        environment={},
        account=account,
        folder=folder,
        # By standard input: other users of the machine can read a command line.
        stdin=(
            f"bind 127.0.0.1\nport {place.port}\nrequirepass {place.password}\n"
            'save ""\nappendonly no\nmaxmemory-policy noeviction\n'
        ).encode(),
    )
    household.wait_until(lambda: _answers(place), what="Starting Valkey", seconds=START_SECONDS)
    return Valkey(place=place, child=child)


def _answers(place: Place) -> bool:
    """Whether it is ours that answers on the port: only ours takes the password."""
    try:
        with socket.create_connection(("127.0.0.1", place.port), timeout=1.0) as connection:
            connection.sendall(f"AUTH {place.password}\r\n".encode())
            return connection.recv(16).startswith(b"+OK")
    except OSError:
        return False
