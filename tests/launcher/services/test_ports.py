"""Which ports are taken, and what the reader is told."""

import socket
from collections.abc import Mapping
from pathlib import Path

import pytest

from script.launcher.console import Refusal
from script.launcher.services import ports
from script.launcher.services.ports import Ports


def test_the_ports_have_defaults() -> None:
    assert ports.choose({}) == Ports(web=8000, simulators=8100, smtp=8101)


def test_the_environment_chooses_the_ports() -> None:
    chosen = ports.choose({"PORT": "9000", "SIMULATORS_PORT": "9500"})
    assert chosen == Ports(web=9000, simulators=9500, smtp=9501)


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"PORT": "http"}, "PORT must be a port number from 1 to 65534, not 'http'"),
        ({"SIMULATORS_PORT": "65535"}, "SIMULATORS_PORT must be a port number"),
        ({"PORT": "0"}, "PORT must be a port number"),
        ({"PORT": "8100"}, "PORT=8100 falls on the simulators' ports 8100 and 8101"),
        ({"PORT": "8101"}, "for example PORT=8102 script/server"),
    ],
)
def test_a_port_that_cannot_be_is_refused(environment: Mapping[str, str], sentence: str) -> None:
    with pytest.raises(Refusal, match=sentence):
        ports.choose(environment)


@pytest.mark.parametrize(
    ("taken", "use", "variable"),
    [
        ("web", "the web server", "PORT"),
        ("simulators", "the simulators' pages", "SIMULATORS_PORT"),
        ("smtp", "the simulated e-mail server", "SIMULATORS_PORT"),
    ],
)
def test_a_taken_port_is_named_with_its_use_and_the_way_out(
    taken: str, use: str, variable: str
) -> None:
    chosen = {name: ports.free_port() for name in ("web", "simulators", "smtp")}
    with socket.socket() as other_program:
        other_program.bind(("127.0.0.1", chosen[taken]))
        other_program.listen()
        with pytest.raises(Refusal) as refusal:
            ports.require_free(Ports(**chosen))
    assert f"Port {chosen[taken]}, meant for {use}, is taken" in str(refusal.value)
    assert f"{variable}=" in str(refusal.value)


def test_free_ports_are_let_through() -> None:
    ports.require_free(Ports(ports.free_port(), ports.free_port(), ports.free_port()))


def test_no_outgoing_connection_takes_a_port_that_was_given_and_none_is_given_twice() -> None:
    first, _ = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    given = [ports.free_port() for _ in range(200)]
    assert len(set(given)) == 200
    assert max(given) < first
