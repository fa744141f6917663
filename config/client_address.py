"""From which address a request comes, when proxies of ours pass it on."""

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """What the outermost of our proxies saw.

    Each appends the address of whoever called it; what stands further left is the caller's own
    claim. Without proxies, and where one was passed by, it is the connection's other end.
    """
    chain = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    known: int = settings.PROXY_COUNT
    if known and len(chain) >= known and chain[-known]:
        return str(chain[-known])
    return str(request.META.get("REMOTE_ADDR", ""))
