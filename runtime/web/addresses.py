"""Addresses of machines, in every spelling that a resolver or a browser takes for one."""

import socket
import unicodedata
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

# What IDNA takes for a full stop besides the full stop (RFC 3490, section 3.1).
_FULL_STOPS = str.maketrans("。．｡", "...")  # noqa: RUF001
_TRANSLATED = (
    IPv6Network("64:ff9b::/96"),  # NAT64 (RFC 6052)
    IPv6Network("::ffff:0:0:0/96"),  # stateless translation (RFC 2765)
    IPv6Network("::/96"),  # "IPv4-compatible" (RFC 4291, section 2.5.5.1)
)
# Where platforms tell machines about themselves, their secrets included, besides link-local
# addresses, which are the usual place. Microsoft: "What is IP address 168.63.129.16?"; Amazon EC2:
# "Instance metadata"; Google Compute Engine: "Metadata server"; Alibaba Cloud ECS, Oracle Cloud and
# Equinix Metal: "Instance metadata"; Tencent Cloud: "Private DNS".
_PLATFORMS = (
    IPv4Network("168.63.129.16/32"),
    IPv4Network("100.100.100.200/32"),
    IPv4Network("192.0.0.192/32"),
    IPv4Network("192.80.8.124/32"),
    IPv4Network("183.60.82.98/32"),
    IPv4Network("183.60.83.19/32"),
    IPv4Network("199.36.153.4/30"),  # Google's interfaces as seen from within
    IPv4Network("199.36.153.8/30"),
    IPv6Network("fd00:ec2::/32"),
    IPv6Network("fd20:ce::/32"),
    IPv6Network("fd00:42::/32"),
)
_LOWEST = 0xFFFF_FFFF
# Interface identifiers of ISATAP (RFC 5214, section 6.1), the bit for "unique" aside.
_ISATAP = 0x0000_5EFE
_UNIQUE = 0x0200_0000
_ITS_OWN = (IPv6Address("::"), IPv6Address("::1"))


def spelled(host: str) -> Address | None:
    """The address that the text is; None for a name.

    Knows 127.1, 0x7f.1, 0177.0.0.1 and 2130706433 (as inet_aton does), brackets, a zone, a final
    full stop, and digits of other widths.
    """
    plain = unicodedata.normalize("NFKC", host).translate(_FULL_STOPS)
    plain = plain.removeprefix("[").removesuffix("]").partition("%")[0].rstrip(".")
    try:
        return ip_address(plain)
    except ValueError:
        pass
    try:
        # It would read no further than to a space.
        return None if plain.split() != [plain] else IPv4Address(socket.inet_aton(plain))
    except (OSError, UnicodeEncodeError):
        return None


def wrapped(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that a gateway or tunnel on the way would unwrap; None where there is none.

    Teredo's is not among them: it says nothing of where a connection ends.
    """
    if address in _ITS_OWN:
        return None
    if any(address in network for network in _TRANSLATED):
        return IPv4Address(int(address) & _LOWEST)
    if (int(address) >> 32 & _LOWEST) | _UNIQUE == _ISATAP | _UNIQUE:
        return IPv4Address(int(address) & _LOWEST)
    return address.ipv4_mapped or address.sixtofour


_AS_IPV4 = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))


def travels_as_ipv4(address: IPv6Address) -> bool:
    """Whether the address inside is all that counts: IPv4-mapped, and by a NAT64."""
    return any(address in network for network in _AS_IPV4)


def unwrapped(address: Address) -> Address:
    """The IPv4 address where there is one inside, else the address itself."""
    if isinstance(address, IPv6Address):
        return wrapped(address) or address
    return address


def is_platforms(address: Address) -> bool:
    """Whether the platform that a machine runs on may answer there, and nobody else should ask."""
    inside = unwrapped(address)
    return inside.is_link_local or any(inside in network for network in _PLATFORMS)
