"""Links to files in blob stores, which carry the permission to read them in themselves.

https://learn.microsoft.com/en-us/rest/api/storageservices/create-service-sas
"""

from collections import defaultdict
from urllib.parse import parse_qsl

from django.conf import settings


def is_store(host: str) -> bool:
    """Whether files are fetched from the host: one in ATTACHMENT_HOSTS, or below one that is
    written with a full stop before it; or one in ATTACHMENT_ALLOWED_HOSTS."""
    host = host.lower()
    return is_allowed(host) or any(
        host.endswith(store) and host != store if store.startswith(".") else host == store
        for store in map(str.lower, settings.ATTACHMENT_HOSTS)
    )


def is_allowed(host: str) -> bool:
    """Whether the host may lie anywhere, speak plain HTTP, and on any port: for development."""
    return host.lower() in map(str.lower, settings.ATTACHMENT_ALLOWED_HOSTS)


def parameters(query: str) -> dict[str, str]:
    """By their names in lower case; the values of a name that comes more than once are joined by
    commas, as upstream reads them."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, value in parse_qsl(query, keep_blank_values=True):
        found[name.lower()].append(value)
    return {name: ",".join(values) for name, values in found.items()}
