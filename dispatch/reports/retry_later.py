"""What a gateway is told while its reports cannot be stored: to post them again."""

from collections.abc import Callable
from functools import wraps

import structlog
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from runtime.database.away import is_about_the_data, sqlstate

logger = structlog.get_logger(__name__)

REPEAT_AFTER = 10  # seconds


def asks_to_repeat(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """503 when the database is away, or cannot store them for another reason that lies with us:
    nothing of the reports is kept, and nothing is wrong with them. A gateway may take a 500 for the
    end of the matter."""

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Error as error:
            if is_about_the_data(error):
                raise
            # Not the message: databases quote whole rows in theirs.
            kind = type(error).__name__
            logger.warning("Reports could not be stored", reason=kind, sqlstate=sqlstate(error))
            return HttpResponse(status=503, headers={"Retry-After": str(REPEAT_AFTER)})

    return answer
