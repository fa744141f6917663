"""Asks a counterpart on the web whether it is there, and for nothing else."""

from collections.abc import Mapping

import aiohttp

from runtime.findings import LIMIT, Finding, failed, host_of, not_set, ok, warning
from runtime.web import outgoing
from runtime.web.outgoing_proxy import proxy_for

_TIMEOUT = aiohttp.ClientTimeout(total=LIMIT)
_NOT_WELCOME = (401, 403)


def reached(
    name: str,
    address: str,
    *,
    setting: str,
    headers: Mapping[str, str] | None = None,
    key: str = "",
) -> Finding:
    """Any answer will do: who says that there is nothing to see here is there. `setting` holds the
    address, and `key` is the setting of what is shown to be let in."""
    if not address:
        return not_set(name, setting)
    where = host_of(address)
    try:
        status = status_of(address, headers=headers)
    except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
        return failed(name, f"{setting} is no http address.", f"Set {setting}.")
    except (aiohttp.ClientError, OSError) as error:  # a time-out is an OSError
        says = f"{where} cannot be reached ({type(error).__name__})."
        return failed(name, says, f"See whether it is up, and {setting}.")
    if status in _NOT_WELCOME:
        remedy = f"See {key}, and {setting}." if key else f"See our access to it, and {setting}."
        return failed(name, f"{where} refuses us (status {status}).", remedy)
    if status >= 500:
        says = f"{where} is there, but in trouble (status {status})."
        return warning(name, says, "Ask those who run it.")
    return ok(name, f"{where} answers.")


def status_of(address: str, *, headers: Mapping[str, str] | None = None) -> int:
    """What a HEAD is answered with; redirects are not followed. Raises ClientError or OSError."""

    async def ask() -> int:
        async with outgoing.session().head(
            address,
            headers=headers,
            allow_redirects=False,
            timeout=_TIMEOUT,
            proxy=proxy_for(address),
        ) as response:
            return response.status

    return outgoing.run(ask())
