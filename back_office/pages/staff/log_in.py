"""Log-ins are limited before a password is looked at: that takes a processor a third of a second.

django-axes counts what failed by name and address together; whoever tries ever new names is told
apart by the address alone, and over all processes by what axes has stored.
"""

from collections.abc import Callable

import structlog
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse

from back_office.pages.staff.locked_out import locked_out
from config.middleware.client_address import client_address
from config.middleware.desk_limit import FROM_HERE, LOG_INS, busy
from runtime import clock
from runtime.slots import Slots

logger = structlog.get_logger(__name__)

MAX_FAILURES = 20
"""Of one address, within AXES_COOLOFF_TIME: an office may share one."""
_looking = Slots(at_once=1, waiting=1, timeout=2.0)


def limited(request: HttpRequest, log_in: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer of `log_in`, unless the address has failed too often or others are being looked
    at."""
    address = client_address(request)
    if failures_from(address) >= MAX_FAILURES:
        FROM_HERE.inc()
        logger.warning("Log-ins from one address are refused", address=address)
        return locked_out(request, None, None)
    slot = _looking.take()
    if slot is None:
        return busy(LOG_INS)
    try:
        return log_in()
    finally:
        slot.give_back()


def failures_from(address: str) -> int:
    since = clock.now() - settings.AXES_COOLOFF_TIME
    attempts = AccessAttempt.objects.filter(ip_address=address, attempt_time__gte=since)
    total = attempts.aggregate(total=Sum("failures_since_start", default=0))["total"]
    return int(total)
