"""Several hosts on one machine: network namespaces, with a network between them.

On each host a program finds on 127.0.0.1 what runs there, and at the ports that are *carried* what
runs on another host: addresses are translated on the way. So programs run as they always do, and
what they say to each other passes the kernel's network once on either side. The cores stay shared.
"""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

OUTSIDE = "outside"
"""The host of callers and gateways, and of this process itself."""
_NETWORK = "10.77.0"
_CLONE_NEWNET = 0x40000000
_NAMES = Path("/run/netns")


class NoHosts(Exception):
    """This machine lets nobody make them; says why."""


class Hosts:
    """`OUTSIDE` and the named ones. `close` takes them away; this process stays outside."""

    def __init__(self, names: Sequence[str]) -> None:
        if os.geteuid() or not all(map(shutil.which, ("ip", "iptables"))):
            raise NoHosts("root, ip and iptables are needed")
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._addresses: dict[str, str] = {}
        self._carried: set[int] = set()
        try:
            self._make([OUTSIDE, *dict.fromkeys(names)])
        except subprocess.CalledProcessError as error:
            self.close()
            raise NoHosts(error.stderr.decode(errors="replace").strip()) from error

    def close(self) -> None:
        for name in self._addresses:
            with suppress(subprocess.CalledProcessError):
                _run("ip", "netns", "del", self._of(name))

    @contextmanager
    def on(self, name: str) -> Iterator[None]:
        """What this thread starts meanwhile runs on that host."""
        before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        there = os.open(_NAMES / self._of(name), os.O_RDONLY)
        try:
            self._enter(there)
            yield
        finally:
            self._enter(before)
            os.close(there)
            os.close(before)

    def carry(self, port: int, *, to: str) -> None:
        """From every other host, from now on."""
        if port in self._carried:
            return
        self._carried.add(port)
        for name in self._addresses:
            if name != to:
                rule = f"OUTPUT -d 127.0.0.1 -p tcp --dport {port} -j DNAT"
                self._translate(name, f"{rule} --to-destination {self._addresses[to]}:{port}")

    def _make(self, names: Sequence[str]) -> None:
        for number, name in enumerate(names, start=1):
            _run("ip", "netns", "add", self._of(name))
            self._addresses[name] = f"{_NETWORK}.{number}"
        self._inside(OUTSIDE, "ip link add net0 type bridge")
        for number, name in enumerate(names[1:]):
            there = self._of(name)
            self._inside(OUTSIDE, f"ip link add to{number} type veth peer name net0 netns {there}")
            self._inside(OUTSIDE, f"ip link set to{number} master net0 up")
        for name, own in self._addresses.items():
            for command in (
                "ip link set lo up",
                f"ip address add {own}/24 dev net0",
                "ip link set net0 up",
                "sysctl -qw net.ipv4.conf.all.route_localnet=1",
            ):
                self._inside(name, command)
            to_others, from_others = "POSTROUTING -s 127.0.0.0/8 -o net0", f"-i net0 -d {own}"
            self._translate(name, f"{to_others} -j SNAT --to-source {own}")
            self._translate(
                name, f"PREROUTING -p tcp {from_others} -j DNAT --to-destination 127.0.0.1"
            )
            self._translate(name, "INPUT -i net0 -d 127.0.0.1 -j SNAT --to-source 127.0.0.1")

    def _translate(self, name: str, rule: str) -> None:
        self._inside(name, f"iptables -w -t nat -A {rule}")

    def _inside(self, name: str, command: str) -> None:
        _run("ip", "netns", "exec", self._of(name), *command.split())

    def _of(self, name: str) -> str:
        return f"bench-{os.getpid()}-{name}"

    def _enter(self, descriptor: int) -> None:
        if self._libc.setns(descriptor, _CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")


def _run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)
