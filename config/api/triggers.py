"""Wakes jobs when somebody asks for it, at the addresses at which the original starts them.

There a scheduler of the platform calls them. Here the jobs run by themselves; what is woken looks
for work once more, at once.
"""

from collections.abc import Mapping

import structlog
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import parse_header_parameters
from django.views.decorators.csrf import csrf_exempt
from kombu.exceptions import OperationalError as BrokerAway

from config.celery import app
from config.jobs.schedule import PERIODIC_JOBS
from config.prometheus.process import is_from_this_machine
from runtime.shared_secrets import is_one_of

logger = structlog.get_logger(__name__)

EXPIRES = 60
"""Seconds after which a wake-up that no worker took is dropped."""
RETRY_AFTER = 10

WAKES: Mapping[str, tuple[str, ...]] = {
    "pastdueorders": (
        "notifications.check_send_conditions",
        "notifications.process_past_due_orders",
    ),
    "sendemail": ("dispatch.send_email",),
    "sendemaildaytime": ("dispatch.send_email",),
    "sendsms": ("dispatch.send_sms",),
    "sendsmsdaytime": ("dispatch.send_sms",),
    "sendsmsanytime": ("dispatch.send_sms",),
    "terminateexpirednotifications": ("dispatch.sweep",),
    "deleteoldstatusfeedrecords": ("dispatch.purge",),
}
"""By the last word of the address. What may leave when is asked where it leaves, not here."""
_QUEUES = {job.task: job.queue for job in PERIODIC_JOBS}


@csrf_exempt
def trigger(request: HttpRequest, job: str) -> HttpResponse:
    """200 once the jobs are woken; 503 while there is no broker, without which they wake by
    themselves when it is back."""
    tasks = WAKES.get(job.lower())
    if tasks is None:
        raise Http404
    if request.method != "POST":
        return _empty(405, {"Allow": "POST"})
    if not may_trigger(request.META):
        return _empty(401, {"WWW-Authenticate": 'Bearer realm="trigger"'})
    sent, _ = parse_header_parameters(request.headers.get("Content-Type", ""))
    if sent not in ("", "application/json"):
        return _empty(415, {"Accept": "application/json"})
    try:
        for task in tasks:
            app.send_task(task, queue=_QUEUES[task], expires=EXPIRES, retry=False)
    except (BrokerAway, OSError) as error:
        logger.warning("Jobs cannot be woken", job=job, error=type(error).__name__)
        return _empty(503, {"Retry-After": str(RETRY_AFTER)})
    return _empty(200)


def may_trigger(environ: Mapping[str, object]) -> bool:
    """Whether the request brings TRIGGER_TOKEN; if none is set, whether it is from this machine."""
    if settings.TRIGGER_TOKEN:
        scheme, _, token = str(environ.get("HTTP_AUTHORIZATION", "")).partition(" ")
        good = (settings.TRIGGER_TOKEN, *settings.TRIGGER_TOKEN_FALLBACKS)
        return scheme == "Bearer" and is_one_of(token.encode(), good)
    return is_from_this_machine(environ)


def _empty(status: int, headers: Mapping[str, str] | None = None) -> HttpResponse:
    response = HttpResponse(status=status, headers=headers)
    del response["Content-Type"]
    return response
