"""The SSRF guard of addresses that senders give us to call: public hosts and web ports only.

A name is resolved once, by the resolver that the connection itself uses, so the addresses that are
judged are the ones that are connected to: nothing can change between the look and the call.
"""

import asyncio
import socket
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from runtime.web.addresses import Address, is_platforms, travels_as_ipv4, wrapped

RESOLVING_THREADS = 16

_GLOBAL_UNICAST = IPv6Network("2000::/3")
_SET_ASIDE_4 = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"))
"""Set aside by IANA (special-purpose address registries), which older Pythons take for global."""
_SET_ASIDE_6 = (IPv6Network("2001::/23"), IPv6Network("2002::/16"), IPv6Network("3fff::/20"))
"""6to4 is no longer in use (RFC 7526): who names such an address wants a tunnel."""


class Blocked(Exception):
    """An address that must not be called. The message is a sentence for the order's sender."""


def is_public(address: Address) -> bool:
    """Whether the address is one of the open internet, as is any IPv4 address wrapped in it, and
    none at which a platform answers its machines."""
    if is_platforms(address):
        return False
    if isinstance(address, IPv4Address):
        set_aside = any(address in network for network in _SET_ASIDE_4)
        return address.is_global and not address.is_multicast and not set_aside
    inside = wrapped(address)
    if inside is not None and not is_public(inside):
        return False
    if travels_as_ipv4(address):
        return True
    set_aside = any(address in network for network in _SET_ASIDE_6)
    return address in _GLOBAL_UNICAST and address.is_global and not set_aside


class SsrfGuard:
    """`allowed_hosts` may be called whatever their address and on any port, all others on
    `allowed_ports` only: a public host may have more to lose than its web server. `called` is what
    the sender knows the address as."""

    def __init__(
        self,
        allowed_hosts: Collection[str],
        *,
        allowed_ports: Collection[int],
        called: str = "The condition endpoint",
    ) -> None:
        self._called = called
        self._allowed_hosts = frozenset(_bare(host) for host in allowed_hosts)
        self._allowed_ports = frozenset(allowed_ports)

    def allows(self, host: str) -> bool:
        return _bare(host) in self._allowed_hosts

    def check(self, url: URL) -> None:
        """What can be told from the URL alone. Raises Blocked."""
        if url.scheme not in ("http", "https") or not url.raw_host:
            raise Blocked(f"{self._called} is no http or https address.")
        if url.user is not None or url.password is not None:
            raise Blocked(f"{self._called} holds a user name or password.")
        host = url.raw_host
        if self.allows(host):
            return
        address = _literal(host)
        if address is not None:
            self.check_address(host, address)
        elif _is_numeric(host):
            # 127.1, 2130706433, 0x7f000001, 0177.0.0.1: other ways to write an IPv4 address.
            raise Blocked(f"{self._called}'s host is a number.")
        if url.port not in self._allowed_ports:
            raise Blocked(f"{self._called}'s port may not be called.")

    def check_address(self, host: str, address: IPv4Address | IPv6Address) -> None:
        """Raises Blocked unless the host may have this address."""
        if not (self.allows(host) or is_public(address)):
            raise Blocked(f"{self._called}'s host is not on the public internet.")


class GuardedResolver(AbstractResolver):
    """Resolves in threads of its own: a name server that hangs must hold up no other call.

    Does not see hosts that are written as an address; `SsrfGuard.check` does.
    """

    def __init__(self, guard: SsrfGuard) -> None:
        self._guard = guard
        self._threads = ThreadPoolExecutor(RESOLVING_THREADS, thread_name_prefix="condition-dns")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Raises Blocked when any of the name's addresses is not public."""
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads,
            lambda: socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM),
        )
        results: list[ResolveResult] = []
        for its_family, _, protocol, _, where in found:
            self._guard.check_address(host, ip_address(str(where[0])))
            results.append(
                ResolveResult(
                    hostname=host,
                    host=str(where[0]),
                    port=int(where[1]),
                    family=its_family,
                    proto=protocol,
                    flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
                )
            )
        return results

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _bare(host: str) -> str:
    return host.lower().rstrip(".")


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_numeric(host: str) -> bool:
    """Whether the last label is a number, as no top-level domain is (WHATWG URL, section 3.5)."""
    last = _bare(host).rpartition(".")[2]
    return last.isdigit() or last.startswith("0x") or ":" in host
