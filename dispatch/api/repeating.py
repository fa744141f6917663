"""What a gateway is told while its reports cannot be stored: to post them again."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

logger = structlog.get_logger(__name__)

REPEAT_AFTER = 10  # seconds


def asks_to_repeat(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """503 when the database is away: nothing of the reports is kept, and nothing is wrong with
    them. A gateway may take a 500 for the end of the matter."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except (OperationalError, InterfaceError) as error:
            # Not the message: databases quote whole rows in theirs.
            logger.warning("Reports could not be stored", reason=type(error).__name__)
            return HttpResponse(status=503, headers={"Retry-After": str(REPEAT_AFTER)})

    return answer
