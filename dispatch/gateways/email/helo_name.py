"""The name by which we greet mail servers: what it may be, and what it is by default."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from recipients.email_addresses import NotAnEmailAddress, ascii_domain

# RFC 5321, 4.1.2 and 4.1.3 (https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2): a domain, or an
# address in brackets.
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_LITERAL = re.compile(r"\[(?:IPv6:)?([0-9A-Fa-f:.]+)\]")
MAX_DOMAIN = 255


def of_address(url: str) -> str:
    """The host of an address of ours, as a greeting writes it."""
    host = urlsplit(url).hostname or "localhost"
    try:
        address = ip_address(host)
    except ValueError:
        return _in_ascii(host)
    return f"[{'IPv6:' * (address.version == 6)}{address}]"


def _in_ascii(host: str) -> str:
    """As it stands where it is no domain: a check will say so."""
    try:
        return ascii_domain(host)
    except NotAnEmailAddress:
        return host


def is_usable(name: str) -> bool:
    """Whether a server can read it as a name at all."""
    if literal := _LITERAL.fullmatch(name):
        try:
            return ("IPv6:" in name) == (ip_address(literal[1]).version == 6)
        except ValueError:
            return False
    is_bare_address = name.replace(".", "").isdigit()
    return len(name) <= MAX_DOMAIN and not is_bare_address and _DOMAIN.fullmatch(name) is not None


def is_public(name: str) -> bool:
    """Whether servers that insist on a full name (Postfix: reject_non_fqdn_helo_hostname) take
    it."""
    return name.startswith("[") or "." in name
