"""POST /notifications/email/api/v1/<provider>/tracking: a mail provider's delivery events.

django-anymail checks each provider's signature and reads its format; here its events become
delivery reports.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType, tracking
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from dispatch import delivery_reports
from dispatch.api.event_providers import PROVIDERS
from dispatch.api.repeating import asks_to_repeat
from dispatch.delivery_reports import ReceivedReport
from dispatch.transports.messages import LONGEST_REFERENCE
from dispatch.transports.providers import bare
from notifications.models import MessageChannel, NotificationStatus

S = NotificationStatus

LARGEST_BODY = 4_194_304
# Deferred, opened, clicked, complained and the like say nothing final about delivery.
STATUSES = {
    EventType.DELIVERED: S.DELIVERED,
    EventType.BOUNCED: S.FAILED_BOUNCED,
    EventType.REJECTED: S.FAILED_SUPRESSED_RECIPIENT,
    EventType.FAILED: S.FAILED,
}

ProviderView = Callable[..., HttpResponseBase]


def tracking_view(provider: str) -> ProviderView:
    """anymail's own view for the provider, by anymail's name for it ("mailgun", "amazon_ses").

    Raises KeyError for a name that anymail does not know.
    """
    return bounded(PROVIDERS[provider])


def bounded(view: ProviderView) -> ProviderView:
    """Refuse what is larger than any provider's batch of events, before it is read."""

    @csrf_exempt
    @asks_to_repeat
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        length = request.headers.get("Content-Length", "")
        if length.isdecimal() and int(length) > LARGEST_BODY:
            return HttpResponse(status=413)
        return view(request, *args, **kwargs)

    return answer


@receiver(tracking, dispatch_uid="dispatch.api.email_reports")
def keep(event: AnymailTrackingEvent, **_about: object) -> None:
    """Store the event, if it says what became of the message, before the provider is answered."""
    status = STATUSES.get(event.event_type)
    if status is None:
        return
    reference = bare(_text(event.message_id))[:LONGEST_REFERENCE]
    report = ReceivedReport(
        channel=MessageChannel.EMAIL,
        reference=reference,
        status=status,
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
    delivery_reports.store(reports=[report], now=timezone.now())


def _text(value: object) -> str:
    """A provider's text, without what PostgreSQL cannot keep."""
    text = "" if value is None else str(value)
    return text.replace("\x00", "").encode("utf-8", "replace").decode()
