"""Addresses at which machines ask how this one is; they may know it by no name at all."""

from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.middleware.common import CommonMiddleware

from config.middleware.paths import HEALTH, READY

METRICS = "/metrics"
PROBES = frozenset({HEALTH, READY, METRICS})


class KnownHosts(CommonMiddleware):
    """As Django's, which refuses hosts that are not in ALLOWED_HOSTS; probes go past it.

    A cluster or balancer asks each process by its address, or names no host at all (HTTP/1.0), and
    their answers use no host.
    """

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        return None if request.path_info in PROBES else super().process_request(request)
