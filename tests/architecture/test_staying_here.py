"""No test sends anything off this machine: neither itself, nor by what it starts.

Chromium resolves names by itself: its flags are in tests/launcher/test_chromium.py.
"""

import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress

import pytest

from script.launcher.system.staying_here import Log

# Addresses for documentation (RFC 5737, RFC 3849): nobody would answer there.
AWAY = "192.0.2.1"
AWAY_6 = "2001:db8::1"


def _connect(family: socket.AddressFamily, host: str) -> None:
    with socket.socket(family) as caller:
        caller.settimeout(1)
        caller.connect((host, 80))


def _send(host: str) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as sender:
        sender.sendto(b"?", (host, 53))


def _send_message(host: str) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as sender:
        sender.sendmsg([b"?"], [], 0, (host, 53))


LEAVING: dict[str, Callable[[], object]] = {
    "connect": lambda: _connect(socket.AF_INET, AWAY),
    "connect to IPv6": lambda: _connect(socket.AF_INET6, AWAY_6),
    "connect to IPv4 as IPv6": lambda: _connect(socket.AF_INET6, f"::ffff:{AWAY}"),
    "send": lambda: _send(AWAY),
    "send a message": lambda: _send_message(AWAY),
    "look up": lambda: socket.getaddrinfo("mail.example.com", 25),
    "look up as bytes": lambda: socket.getaddrinfo(b"mail.example.com", 25),
    "look up the old way": lambda: socket.gethostbyname("mail.example.com"),
    "look up with aliases": lambda: socket.gethostbyname_ex("mail.example.com"),
    "look up backwards": lambda: socket.gethostbyaddr(AWAY),
    "look up a name's end": lambda: socket.getaddrinfo("mail.example.com.localhost.", 25),
    "create a connection": lambda: socket.create_connection(("mail.example.com", 25)),
}


@pytest.mark.parametrize("way", LEAVING)
def test_a_try_is_refused_and_noted(way: str, tries_to_leave: Log) -> None:
    with pytest.raises(OSError, match=r"Not (called|looked up) from here"):
        LEAVING[way]()
    assert len(tries_to_leave.news()) == 1


def test_a_try_is_noted_also_where_the_code_lives_with_it(tries_to_leave: Log) -> None:
    with suppress(OSError):
        socket.getaddrinfo("mail.example.com", 25)
    (noted,) = tries_to_leave.news()
    assert "mail.example.com" in noted
    assert tries_to_leave.news() == []


def test_a_process_that_a_test_starts_is_held_too(tries_to_leave: Log) -> None:
    program = f"import socket; socket.create_connection(({AWAY!r}, 80), timeout=1)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert f"Not called from here: {AWAY}" in done.stderr
    (noted,) = tries_to_leave.news()
    assert AWAY in noted


def test_a_process_cannot_be_started_past_the_rule(tries_to_leave: Log) -> None:
    subprocess.run([sys.executable, "-c", ""], env={}, check=True)
    (noted,) = tries_to_leave.news()
    assert noted.startswith("started without PYTHONPATH")


def test_this_machine_is_reached(tries_to_leave: Log) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        for host in ("127.0.0.1", "localhost", "::ffff:127.0.0.1"):
            socket.create_connection((host, port), timeout=5).close()
    # An address that is written out is read here.
    assert socket.getaddrinfo(AWAY, 25)
    assert tries_to_leave.news() == []
