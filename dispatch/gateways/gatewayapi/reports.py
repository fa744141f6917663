"""POST /notifications/sms/api/v1/<gateway>/reports: GatewayAPI tells what became of a message.

Outside sources: "Webhooks" and "Authentication token" of https://gatewayapi.com/docs/apis/rest/. It
signs what it says by a JSON Web Token in X-Gwapi-Signature, which holds all that the body does; so
the token alone is read.
"""

import jwt
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from jwt.types import Options

from dispatch.gateways import configured
from dispatch.gateways.base import MAX_REFERENCE
from dispatch.reports import delivery_reports
from dispatch.reports.delivery_reports import ReceivedReport
from dispatch.reports.retry_later import asks_to_repeat
from dispatch.reports.unproven import Unproven
from notifications.models import NotificationChannel, NotificationStatus
from runtime import clock

S = NotificationStatus

SIGNATURE = "X-Gwapi-Signature"
ALGORITHMS = ["HS256"]
MAX_TEXT = 300
STATES = {
    "DELIVERED": S.DELIVERED,
    # "The mobile network has accepted the message on the end users behalf": nothing follows.
    "ACCEPTED": S.DELIVERED,
    "EXPIRED": S.FAILED_EXPIRED,
    "DELETED": S.FAILED_DELETED,
    "UNDELIVERABLE": S.FAILED_UNDELIVERED,
    "REJECTED": S.FAILED_REJECTED,
    # "Deliberately ignored due to network-specific rules."
    "SKIPPED": S.FAILED,
}
ON_ITS_WAY = frozenset({"UNKNOWN", "SCHEDULED", "BUFFERED", "ENROUTE"})
# The library would compare them with the clock of this machine.
_TIMES_ARE_OURS: Options = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
_TOLD = ("id", "msisdn", "time", "status", "error", "code", "userref")


@method_decorator([csrf_exempt, asks_to_repeat], name="dispatch")
class StatusNotifications(View):
    """Stored before it is answered, and applied later."""

    http_method_names = ["post"]
    gateway = ""

    def post(self, request: HttpRequest) -> HttpResponse:
        options = configured.gateway(NotificationChannel.SMS, self.gateway)
        secrets = [options.option("reports_secret"), *options.several("reports_fallbacks")]
        told = read(request.headers.get(SIGNATURE, ""), secrets=secrets)
        if told is None:
            return Unproven(status=401)
        if told.get("status") not in ON_ITS_WAY:
            delivery_reports.store(reports=[to_report(told, gateway=self.gateway)], now=clock.now())
        return HttpResponse(status=200)


def read(token: str, *, secrets: list[str]) -> dict[str, str] | None:
    """What the token says, if it is signed by one of these; an empty one signs nothing.

    When it was made is nobody's business: the gateway's clock may be ahead of ours.
    """
    for secret in filter(None, secrets):
        try:
            said = jwt.decode(token, secret, algorithms=ALGORITHMS, options=_TIMES_ARE_OURS)
        except jwt.InvalidTokenError:
            continue
        if _has_expired(said.get("exp")):
            return None
        return {name: _text(said.get(name)) for name in _TOLD}
    return None


def _has_expired(at: object) -> bool:
    """None for a token that is good for ever, as theirs are."""
    return at is not None and not (isinstance(at, int | float) and at > clock.seconds())


def to_report(told: dict[str, str], *, gateway: str) -> ReceivedReport:
    """No status for a word that its page does not have."""
    reference = told["id"][:MAX_REFERENCE]
    return ReceivedReport(
        channel=NotificationChannel.SMS,
        reference=reference,
        status=STATES.get(told["status"]),
        gateway=gateway,
        report={
            "reference": reference,
            "receiver": told["msisdn"],
            "state": told["status"],
            "time": told["time"],
            "error": told["error"],
            "code": told["code"],
            "clientReference": told["userref"],
        },
    )


def _text(value: object) -> str:
    """Without what PostgreSQL cannot keep."""
    text = "" if value is None else str(value)
    return text.replace("\x00", "").encode("utf-8", "replace").decode()[:MAX_TEXT]
