"""The proxy through which calls leave, where a network has one: which calls, and how they know.

Our own calls name it one by one. Libraries that call by themselves go by the environment, which
therefore says the same. Calls through the SSRF guard take none: it must see where they lead.
"""

import os
from collections.abc import MutableMapping, Sequence

from django.conf import settings
from yarl import URL

THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
_PROXIES = ("http_proxy", "https_proxy")
_WITHOUT = "no_proxy"
_NOBODY = "*"


def proxy_for(address: str | URL) -> str | None:
    """None for a direct call: to this machine, to one of OUTGOING_PROXY_EXCEPT or below it."""
    if not settings.OUTGOING_PROXY:
        return None
    host = URL(address).host or ""
    is_direct = any(
        host == one or host.endswith(f".{one.removeprefix('.')}")
        for one in _without(settings.OUTGOING_PROXY_EXCEPT)
    )
    return None if is_direct else str(settings.OUTGOING_PROXY)


def tell_libraries(environment: MutableMapping[str, str] = os.environ) -> None:
    """Whatever the environment said of proxies counts no more, in either case of letters."""
    proxy = settings.OUTGOING_PROXY
    without = _without(settings.OUTGOING_PROXY_EXCEPT) if proxy else [_NOBODY]
    for name in _PROXIES if proxy else ():
        environment[name] = environment[name.upper()] = proxy
    environment[_WITHOUT] = environment[_WITHOUT.upper()] = ",".join(without)


def _without(exceptions: Sequence[str]) -> list[str]:
    return [*THIS_MACHINE, *exceptions]
