"""POST /notifications/email/api/v1/<provider>/tracking: a mail provider's delivery events.

django-anymail checks each provider's signature and reads its format; here its events become
delivery reports.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from typing import Any

import structlog
from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.signals import AnymailTrackingEvent, EventType
from anymail.webhooks.base import AnymailCoreWebhookView
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from dispatch.gateways.base import MAX_REFERENCE
from dispatch.gateways.email import event_proofs
from dispatch.gateways.email.anymail import bare
from dispatch.gateways.email.event_providers import PROVIDERS
from dispatch.reports import delivery_reports
from dispatch.reports.delivery_reports import ReceivedReport
from dispatch.reports.retry_later import asks_to_repeat
from dispatch.reports.unproven import Unproven
from notifications.models import NotificationChannel, NotificationStatus
from runtime import clock

logger = structlog.get_logger(__name__)

S = NotificationStatus

MAX_BODY = 4_194_304
# Deferred, opened, clicked, complained and the like say nothing final about delivery.
STATUSES = {
    EventType.DELIVERED: S.DELIVERED,
    EventType.BOUNCED: S.FAILED_BOUNCED,
    EventType.REJECTED: S.FAILED_SUPRESSED_RECIPIENT,
    EventType.FAILED: S.FAILED,
}

ProviderView = Callable[..., HttpResponseBase]


def tracking_view(
    provider: str, *, gateway: str = "", keys: Mapping[str, str] | None = None
) -> ProviderView:
    """anymail's own view for the provider, by anymail's name for it ("mailgun", "amazon_ses"), with
    ours in it. `keys` go before those of anymail's settings.

    Raises KeyError for a name that anymail does not know.
    """
    theirs: Any = PROVIDERS[provider]
    # Django takes no argument of a view that is no attribute of its class.
    own = {"provider": provider, "gateway": gateway, **dict.fromkeys(keys or ())}
    ours: Any = type("ProviderEvents", (EventsOnce, theirs.view_class), own)
    view: ProviderView = ours.as_view(**{**theirs.view_initkwargs, **(keys or {})})
    return bounded(view)


def bounded(view: ProviderView) -> ProviderView:
    """Refuse what is larger than any provider's batch of events, before it is read, and whatever
    comes from nobody known or cannot be read."""

    @csrf_exempt
    @asks_to_repeat
    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        length = request.headers.get("Content-Length", "")
        if length.isdecimal() and int(length) > MAX_BODY:
            return HttpResponse(status=413)
        try:
            return view(request, *args, **kwargs)
        except AnymailWebhookValidationFailure as refusal:
            logger.warning("Events of nobody known were refused", reason=str(refusal))
            return Unproven(status=400)
        except UnreadableEvents as error:
            logger.warning("Events could not be read", reason=str(error))
            return Unproven(status=400)

    return answer


class UnreadableEvents(Exception):
    """The text names the kind of error that anymail met."""


class EventsOnce(AnymailCoreWebhookView):  # type: ignore[misc] # anymail is not typed
    """What is ours of a provider's view: its events become reports, each of them once.

    anymail has checked the provider's proof when the events are read. It trusts the form of what
    it reads; so whatever it raises is said of the events.
    """

    provider: str
    gateway: str

    def run_validators(self, request: HttpRequest) -> None:
        with _reading():
            super().run_validators(request)

    def parse_events(self, request: HttpRequest) -> list[AnymailTrackingEvent]:
        """None are left for anymail to tell others of. Raises AnymailWebhookValidationFailure where
        the signature is old."""
        now = clock.now()
        with _reading():
            proof = event_proofs.proof_of(request, provider=self.provider, now=now)
            events = super().parse_events(request)
            reports = [
                report for event in events if (report := to_report(event, gateway=self.gateway))
            ]
        if not delivery_reports.store_once(proof=proof, reports=reports, now=now):
            logger.warning("Events that came before were passed over", provider=self.provider)
        return []


@contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except (SuspiciousOperation, UnreadablePostError):
        raise
    except Exception as error:
        raise UnreadableEvents(type(error).__name__) from None


def to_report(event: AnymailTrackingEvent, *, gateway: str = "") -> ReceivedReport | None:
    """None for an event that does not say what became of the message."""
    status = STATUSES.get(event.event_type)
    if status is None:
        return None
    reference = bare(_text(event.message_id))[:MAX_REFERENCE]
    return ReceivedReport(
        channel=NotificationChannel.EMAIL,
        reference=reference,
        status=status,
        gateway=gateway,
        report={
            "reference": reference,
            "receiver": _text(event.recipient),
            "event": _text(event.event_type),
            "rejectReason": _text(event.reject_reason),
            "description": _text(event.description),
            "mailServersReply": _text(event.mta_response),
            "time": event.timestamp.isoformat() if isinstance(event.timestamp, datetime) else "",
        },
    )


def _text(value: object) -> str:
    """A provider's text, without what PostgreSQL cannot keep."""
    text = "" if value is None else str(value)
    return text.replace("\x00", "").encode("utf-8", "replace").decode()
