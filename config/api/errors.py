"""One table from errors to answers, in the contract's shapes of problem details.

https://www.rfc-editor.org/rfc/rfc9457
"""

import sys
import traceback
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.deprecation import MiddlewareMixin
from django.views import defaults
from rest_framework import exceptions
from rest_framework.parsers import BaseParser
from rest_framework.response import Response

from config.api import challenges
from config.api.parsers import EmptyBody, JsonAnswer, NotJson
from config.middleware.language import STAFF_PAGES
from config.middleware.paths import is_api_path
from config.middleware.trace import current_trace_id
from config.tokens.jwks import KeysUnavailable
from dispatch.instant.sender import NotSent
from events.signing import NoKeys
from events.subscriptions import NotPossible, SubscriptionNotFound, TooMany
from notifications.reading.shipments import ShipmentNotFound
from orders.api.parsing.conversion import CannotConvert, MembersMissing
from orders.api.validation import hints
from orders.cancelling import CannotCancel, OrderNotFound
from orders.creators import NotAServiceOwner
from orders.limits.rate_limits import LimitExceeded
from orders.placing.chains import MissingContact
from orders.placing.idempotency import KeyUsedForAnotherRequest
from recipients.registers import RegisterUnavailable
from runtime.database.away import is_worth_another_try, sqlstate
from runtime.front.refusals import Refusal, Refused, too_large

logger = structlog.get_logger(__name__)

RETRY_AFTER = 10
"""Seconds until something that is unavailable is worth another try."""

SOON = 2
"""The same of an instant message, which may find room, or another gateway, the next time."""

_RFC9110 = "https://tools.ietf.org/html/rfc9110#section-"
_UNEXPECTED = "An error occurred while processing your request."


def to_response(error: Exception, context: Mapping[str, Any]) -> Response:
    """The answer to what a view raised (Django REST framework's EXCEPTION_HANDLER)."""
    view, request = context["view"], context["request"]
    body_name = getattr(view, "body_name", "")
    match error:
        case exceptions.ValidationError():
            return _validation_problem(error.detail)
        case CannotConvert():
            return _unreadable(error.path, str(error), body_name, hint=_hint(error))
        case NotJson():
            return _unreadable("$", str(error), body_name)
        case EmptyBody():
            return _unreadable("", "A non-empty request body is required.", body_name)
        case KeyUsedForAnotherRequest():
            return _problem(409, "15.5.10", str(error))
        case LimitExceeded():
            return _too_many(error)
        case RequestDataTooBig():
            return _not_taken(too_large(settings.DATA_UPLOAD_MAX_MEMORY_SIZE), body_name)
        case Refused():
            return _not_taken(error.refusal, body_name)
        case exceptions.UnsupportedMediaType():
            return _unsupported(request.parsers, has_type=bool(request.content_type))
        case RegisterUnavailable() | KeysUnavailable():
            logger.warning("A register or issuer is unavailable", reason=str(error))
            return _temporarily_unavailable()
        case Error() if is_worth_another_try(error):
            # Not its message, which may quote a row.
            logger.warning("The database is unavailable", sqlstate=sqlstate(error))
            return _temporarily_unavailable()
        case NotSent():
            logger.info("An instant message was not sent", reason=str(error))
            return _temporarily_unavailable(retry_after=SOON)
        case MissingContact():
            title = "Missing contact information for recipient(s)"
            return _with_code("NOT-00001", 422, "Unprocessable Entity", title)
        case ShipmentNotFound():
            return _with_code("NOT-00003", 404, "Not Found", "Shipment not found")
        case TooMany() | NotPossible():
            return _problem(409, "15.5.10", "Conflict", detail=str(error))
        case NoKeys():
            detail = "Webhooks are not set up here."
            return _problem(503, "15.6.4", "Service Unavailable", detail=detail)
        case OrderNotFound():
            return _problem(404, "15.5.5", "Not Found")
        case CannotCancel():
            return _problem(409, "15.5.10", "Conflict")
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            return _challenged(401, error.auth_header)  # type: ignore[union-attr]
        case NotAServiceOwner() | PermissionDenied() | exceptions.PermissionDenied():
            told = challenges.not_allowed(request.auth, view, reason=str(error))
            return _challenged(403, told)
        case exceptions.APIException():
            # 404, and 405, whose Allow header comes from the view.
            return Response(status=error.status_code)
        case Http404() | SubscriptionNotFound():
            return Response(status=404)
    _log_unexpected(error)
    return _problem(500, "15.6.1", _UNEXPECTED)


def _log_unexpected(error: BaseException) -> None:
    """Without the messages of exceptions: databases quote whole rows in theirs."""
    kinds = []
    cause: BaseException | None = error
    while cause is not None:
        kinds.append(f"{type(cause).__module__}.{type(cause).__qualname__}")
        cause = cause.__cause__ or cause.__context__
    stack = "".join(traceback.format_tb(error.__traceback__))
    logger.error("A request failed unexpectedly", kinds=kinds, stack=stack)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404: nobody but staff gets a page."""
    if request.path_info.startswith(STAFF_PAGES):
        return defaults.page_not_found(request, exception, "back_office/errors/404.html")
    response = HttpResponse(status=404)
    del response["Content-Type"]
    return response


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler403."""
    if request.path_info.startswith(STAFF_PAGES):
        return defaults.permission_denied(request, exception, "back_office/errors/403.html")
    return defaults.permission_denied(request, exception)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400."""
    if request.path_info.startswith(STAFF_PAGES):
        return defaults.bad_request(request, exception, "back_office/errors/400.html")
    return defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500, for what is raised outside of the views."""
    if is_worth_another_try(sys.exc_info()[1]):
        return database_away(request)
    if not is_api_path(request.path_info):
        return defaults.server_error(request)
    return _as_json(_problem(500, "15.6.1", _UNEXPECTED))


class DatabaseAway(MiddlewareMixin):
    """Answers for the views of others, the pages of staff among them, that meet a database which
    is away. Those of the API have `to_response`."""

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not is_worth_another_try(error):
            return None
        logger.warning("The database is unavailable", sqlstate=sqlstate(error))
        return database_away(request)


def database_away(request: HttpRequest) -> HttpResponse:
    """A page for people that needs nothing of the database, a problem for programs."""
    if is_api_path(request.path_info):
        return _as_json(_temporarily_unavailable())
    page = render_to_string("database_away.html")
    return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AFTER)})


def _as_json(answer: Response) -> HttpResponse:
    return HttpResponse(
        JsonAnswer().render(answer.data),
        status=answer.status_code,
        headers={
            **answer.headers,
            "Content-Type": f"{JsonAnswer.media_type}; charset={JsonAnswer.charset}",
        },
    )


def _validation_problem(errors: object) -> Response:
    return _problem(400, "15.5.1", "One or more validation errors occurred.", errors=errors)


def _unreadable(path: str, message: str, body_name: str, *, hint: str = "") -> Response:
    """Trouble with the body as a whole comes with a second error, under the body's name."""
    told = [message, hints.to(hint)] if hint else [message]
    return _validation_problem({path: told, body_name: [f"The {body_name} field is required."]})


def _hint(error: CannotConvert) -> str:
    return "" if isinstance(error, MembersMissing) else hints.OF_TYPES.get(error.type_name, "")


def _challenged(status: int, challenge: str) -> Response:
    return Response(status=status, headers={"WWW-Authenticate": challenge})


def _unsupported(parsers: Sequence[BaseParser], *, has_type: bool) -> Response:
    """Empty, as the original's, where another type was given."""
    problem = _problem(415, "15.5.16", "Unsupported Media Type")
    answer = Response(status=415) if has_type else problem
    answer["Accept"] = ", ".join(str(parser.media_type) for parser in parsers)
    return answer


def _not_taken(refusal: Refusal, body_name: str) -> Response:
    if refusal.status == 400:
        return _unreadable("$", f"{refusal.sentence} Path: $.", body_name)
    answer = _problem(refusal.status, refusal.section, refusal.title, detail=refusal.sentence)
    if refusal.retry_after:
        answer["Retry-After"] = str(refusal.retry_after)
    return answer


def _problem(status: int, section: str, title: str, **members: object) -> Response:
    return Response(
        {"type": _RFC9110 + section, "title": title, "status": status}
        | members
        | {"traceId": current_trace_id()},
        status=status,
    )


def _too_many(error: LimitExceeded) -> Response:
    return Response(
        {
            "type": "https://tools.ietf.org/html/rfc6585#section-4",
            "title": "Too Many Requests",
            "status": 429,
            "detail": str(error),
            "traceId": current_trace_id(),
        },
        status=429,
        headers={"Retry-After": str(error.retry_after)},
    )


def _temporarily_unavailable(*, retry_after: int = RETRY_AFTER) -> Response:
    title = "A temporary network failure occurred"
    answer = _with_code("NOT-00004", 503, "Service Unavailable", title)
    answer["Retry-After"] = str(retry_after)
    return answer


def _with_code(code: str, status: int, in_words: str, title: str) -> Response:
    """The shape that the original sends, and behind it the two members that its documentation
    tells of, for clients that were written by either."""
    return Response(
        {
            "type": f"urn:altinn:error:{code}",
            "title": title,
            "status": status,
            "code": code,
            "traceId": current_trace_id(),
            "statusDescription": in_words,
            "errorCode": code,
            "detail": title,
        },
        status=status,
    )
