"""Whoever guesses at a webhook's password is looked at a few times a minute, and no more."""

import math
import threading
from collections import OrderedDict
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse
from prometheus_client import Counter

from config.middleware.client_address import client_address
from dispatch.reports.unproven import Unproven
from runtime.failures import Failures

logger = structlog.get_logger(__name__)

WEBHOOKS = ("/notifications/sms/api/v1/", "/notifications/email/api/v1/")
MAX_FAILURES, SECONDS = 10, 60.0
PROVEN_ADDRESSES = 100
TOO_MANY_REQUESTS = 429

_GUESSES = Counter(
    "notifications_webhook_guesses",
    "Posts to webhooks with a wrong password: looked at, or refused as there were too many.",
    ["answer"],
)
WRONG, REFUSED = (_GUESSES.labels(answer) for answer in ("wrong", "refused"))


class WebhookGuesses:
    """Middleware. An address that has brought ten wrong passwords within a minute is refused,
    without a look at what it brings, for the rest of it.

    Others' guesses never shut out the gateway: its address is another one, and an address that has
    proven itself before stays welcome, should all callers seem to come from one. Only a post that
    was taken proves anything: anymail answers HEAD and OPTIONS to anybody.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.failures = Failures(most=MAX_FAILURES, seconds=SECONDS)
        self.proven: OrderedDict[str, None] = OrderedDict()
        self.lock = threading.Lock()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(WEBHOOKS):
            return self.get_response(request)
        address = client_address(request)
        wait = self.failures.wait(address)
        if wait and address not in self.proven:
            REFUSED.inc()
            return HttpResponse(
                status=TOO_MANY_REQUESTS, headers={"Retry-After": str(math.ceil(wait))}
            )
        response = self.get_response(request)
        if isinstance(response, Unproven) and is_guess(request):
            WRONG.inc()
            if self.failures.add(address):
                logger.warning("Somebody guesses at a webhook's password", address=address)
        elif response.status_code == 200 and request.method == "POST":
            self._remember(address)
        return response

    def _remember(self, address: str) -> None:
        if address in self.proven:
            return
        with self.lock:
            self.proven[address] = None
            if len(self.proven) > PROVEN_ADDRESSES:
                self.proven.popitem(last=False)


def is_guess(request: HttpRequest) -> bool:
    """Whether it brings a password (HTTP Basic). Who brings nothing learns nothing, and signatures
    are too long to be guessed."""
    scheme, *_ = [*request.headers.get("Authorization", "").split(), ""]
    return scheme.lower() == "basic"
