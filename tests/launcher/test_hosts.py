"""Hosts of the benchmark reach each other where they are told to, and nowhere else."""

import socket
from collections.abc import Iterator

import pytest

from bench.hosts import OUTSIDE, Hosts, NoHosts
from script.launcher.services.ports import free_port


@pytest.fixture
def hosts() -> Iterator[Hosts]:
    try:
        made = Hosts(["a", "b"])
    except NoHosts as reason:
        pytest.skip(str(reason))
    yield made
    made.close()


def test_a_port_that_is_carried_is_found_on_the_loopback_of_every_other_host(hosts: Hosts) -> None:
    port, own = free_port(), free_port()
    with hosts.on("a"):
        carried, kept = (socket.create_server(("127.0.0.1", number)) for number in (port, own))
    hosts.carry(port, to="a")
    with carried, kept:
        for name in ("b", OUTSIDE):
            with hosts.on(name):
                socket.create_connection(("127.0.0.1", port), timeout=5).close()
                with pytest.raises(ConnectionRefusedError):
                    socket.create_connection(("127.0.0.1", own), timeout=5)
            # For whoever listens it comes from the loopback, too.
            connection, (caller, _port) = carried.accept()
            connection.close()
            assert caller == "127.0.0.1"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)
