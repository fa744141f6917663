"""The addresses on this machine: which are free, and what to say when one is not."""

import os
import random
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from script.launcher.console import Refusal

HOST = "127.0.0.1"
FREE_TO_LISTEN = range(20_000, 32_000)
"""Below what Linux gives to outgoing connections (net.ipv4.ip_local_port_range), of which a loaded
machine makes many between the choice of a port and the start of its server."""
# Tests give the usual source of chance a beginning of their own: all would draw the same.
_drawn = random.SystemRandom()
_given: set[int] = set()


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the web server, the simulators' pages and their e-mail server listen."""

    web: int
    simulators: int
    smtp: int


def choose(environment: Mapping[str, str] = os.environ) -> Ports:
    """PORT and SIMULATORS_PORT, or 8000 and 8100; e-mail arrives at the port after the latter."""
    web = _port(environment, "PORT", 8000)
    simulators = _port(environment, "SIMULATORS_PORT", 8100)
    ports = Ports(web=web, simulators=simulators, smtp=simulators + 1)
    if web in (ports.simulators, ports.smtp):
        raise Refusal(
            f"PORT={web} falls on the simulators' ports {ports.simulators} and {ports.smtp}:"
            f" choose another, for example PORT={ports.smtp + 1} script/server"
        )
    return ports


def require_free(ports: Ports) -> None:
    """Refuse with a sentence that names the port, its use and how to choose another."""
    for port, use, variable in (
        (ports.web, "the web server", "PORT"),
        (ports.simulators, "the simulators' pages", "SIMULATORS_PORT"),
        (ports.smtp, "the simulated e-mail server", "SIMULATORS_PORT"),
    ):
        if not _is_free(port):
            raise Refusal(
                f"Port {port}, meant for {use}, is taken by another program."
                f" Choose another: {variable}={port + 1000} script/server"
            )


def free_port() -> int:
    """A port nobody listens on just now, another one each time."""
    while True:
        port = _drawn.choice(FREE_TO_LISTEN)
        if port not in _given and _is_free(port):
            _given.add(port)
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError:
            raise Refusal(
                f"Port {port} is reserved for the system: choose one above 1023."
            ) from None
        except OSError:
            return False
    return True


def _port(environment: Mapping[str, str], variable: str, default: int) -> int:
    given = environment.get(variable, "") or str(default)
    if not given.isdecimal() or not 1 <= int(given) <= 65_534:
        raise Refusal(f"{variable} must be a port number from 1 to 65534, not '{given}'.")
    return int(given)
