"""From which address a request comes, when proxies of ours pass it on."""

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "0.0.0.0"  # noqa: S104  (an address, and nothing is bound to it)
"""Callers over a socket of the file system have none: they count as one."""
MAX_LENGTH = 64
ONE_LINE = 64
"""What one line rents out to a household or an office (RFC 6177): within it anybody has all."""
# 203.0.113.9:4711, [2001:db8::1]:4711, "[2001:db8::1]" (RFC 7239 writes quotes).
_WITH_PORT = re.compile(r'"?(?:\[([^\]]*)\]|([0-9.]+))(?::[0-9]{1,5})?"?')


def client_address(request: HttpRequest) -> str:
    """What the outermost of our proxies saw; of IPv6 the line, by its lowest address.

    Each appends the address of whoever called it; what stands further left is the caller's own
    claim. Without proxies, where one was passed by, and where what it wrote is no address, it is
    the connection's other end.
    """
    chain = request.headers.get("X-Forwarded-For", "").split(",")
    known: int = settings.PROXY_COUNT
    seen = read(chain[-known]) if 0 < known <= len(chain) else None
    return seen or read(str(request.META.get("REMOTE_ADDR", ""))) or UNKNOWN


def read(entry: str) -> str | None:
    """The address of an entry, with or without a port; None where there is none."""
    text = entry.strip()
    if len(text) > MAX_LENGTH:
        return None
    if found := _WITH_PORT.fullmatch(text):
        text = found[1] or found[2] or ""
    try:
        return _counted(ip_address(text.partition("%")[0]))
    except ValueError:
        return None


def _counted(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(IPv6Network((address, ONE_LINE), strict=False).network_address)
