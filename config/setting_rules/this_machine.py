"""Which hosts lead to this machine or to its platform, however they are spelled."""

import socket
from functools import lru_cache
from ipaddress import IPv4Network, ip_address
from pathlib import Path

from runtime.web.addresses import is_platforms, spelled, unwrapped

HOSTS_FILE = Path("/etc/hosts")
_ALWAYS = {"localhost", "localhost4", "localhost6", "ip6-localhost", "ip6-loopback"}
_BELOW = ("localhost", "localdomain", "localdomain4", "localdomain6")
# Names of theirs lead wherever their first labels say: 127.0.0.1.nip.io leads here.
_SPELT_IN_NAMES = (
    "nip.io",
    "sslip.io",
    "xip.io",
    "localtest.me",
    "lvh.me",
    "vcap.me",
    "lacolhost.com",
)
_PLATFORM_NAMES = ("metadata", "metadata.google.internal", "instance-data")
_UNSPECIFIED = IPv4Network("0.0.0.0/8")


def is_this_machine(host: str) -> bool:
    """No name server is asked: what it says may be another thing tomorrow."""
    address = spelled(host)
    if address is not None:
        inside = unwrapped(address)
        return inside.is_loopback or inside.is_unspecified or inside in _UNSPECIFIED
    name = host.lower().rstrip(".")
    if name in _ALWAYS | own_names(HOSTS_FILE):
        return True
    return any(name == ending or name.endswith(f".{ending}") for ending in _BELOW + _SPELT_IN_NAMES)


def is_the_platform(host: str) -> bool:
    """Whether the platform under this machine answers there, and would tell its secrets."""
    address = spelled(host)
    if address is not None:
        return is_platforms(address)
    return host.lower().rstrip(".") in _PLATFORM_NAMES


@lru_cache
def own_names(hosts_file: Path) -> frozenset[str]:
    """What this machine is called by itself: its name, and those its file of hosts has for it."""
    names = {socket.gethostname().lower()}
    try:
        lines = hosts_file.read_text(errors="replace").lower().splitlines()
    except OSError:
        lines = []
    for line in lines:
        match line.partition("#")[0].split():
            case [address, *called] if (spelled(address) or ip_address("::")).is_loopback:
                names.update(called)
    return frozenset(names)
