"""Refuses whatever would leave this machine, in each process that has this folder on its path.

Python imports a module of this name at every start (https://docs.python.org/3/library/site.html),
so that processes which a test starts are held to it like the test itself. The process then fares as
on a machine without a network; what it tried is added to the file that LEAVING_LOG names.

Not seen are names given to `connect` itself, which nothing here does, and what libraries in C do
without Python.
"""

import errno
import os
import socket
import sys
from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address
from typing import Any

# Of audit events (https://docs.python.org/3/library/audit_events.html): where among what they tell
# the address is, or the name that is looked up.
_ADDRESSES = {"socket.connect": 1, "socket.sendto": 1, "socket.sendmsg": 1, "socket.getnameinfo": 0}
_NAMES = {"socket.getaddrinfo": 0, "socket.gethostbyname": 0, "socket.gethostbyaddr": 0}
_FOLDER = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - at every start
_HERE = {"", "localhost", socket.gethostname().lower()}


def _refuse(event: str, told: tuple[Any, ...]) -> None:
    if event in _NAMES:
        host = _text(told[_NAMES[event]])
        # To read an address that is written out, nobody is asked; for the name of one, somebody is.
        if _leads_here(host) or (_is_address(host) and event != "socket.gethostbyaddr"):
            return
        _note(event, host)
        raise socket.gaierror(socket.EAI_AGAIN, f"Not looked up from here: {host}")
    if event in _ADDRESSES:
        where = told[_ADDRESSES[event]]
        host = _text(where[0]) if isinstance(where, tuple) else ""
        if _leads_here(host):
            return
        _note(event, host)
        raise OSError(errno.ENETUNREACH, f"Not called from here: {host}")
    if event == "subprocess.Popen":
        _look_at_child(*told)


def _look_at_child(
    program: str | bytes | None,
    words: object,
    _folder: object,
    environment: Mapping[str, str] | None,
) -> None:
    """A Python that is started without this module may go where it likes."""
    name = os.path.basename(os.fsdecode(program if program is not None else ""))  # noqa: PTH119
    is_held = environment is None or _FOLDER in environment.get("PYTHONPATH", "")
    if name.startswith("python") and not is_held:
        _note("started without PYTHONPATH", str(words)[:200])


def _text(host: object) -> str:
    if isinstance(host, bytes | bytearray):
        return host.decode(errors="replace")
    return "" if host is None else str(host)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        try:
            socket.inet_aton(host)
        except (OSError, UnicodeError):
            return False
    return True


def _leads_here(host: str) -> bool:
    """Also the sockets that are files: they have no host."""
    if host.lower() in _HERE:
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address.is_loopback or address.is_unspecified


def _note(event: str, host: str) -> None:
    log = os.environ.get("LEAVING_LOG")
    if log:
        with open(log, "a") as lines:  # noqa: PTH123 - one write, whole also beside others'
            lines.write(f"{event} {host!r} by {' '.join(sys.orig_argv)[:200]}\n")


sys.addaudithook(_refuse)
