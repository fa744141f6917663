"""`GET /future/enduser/log` and `GET /future/log`: what was sent about a dialog in Dialogporten."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from notifications.api.future import examples, presentation
from notifications.api.future.serializers import NotificationLogExt
from notifications.reading import dialog_log, dialogporten
from orders.api.base import ContractView
from orders.api.parsing.guids import guid
from orders.api.parsing.query import parameter
from orders.api.permissions import NeedsScope
from orders.api.problems import ValidationProblemDetails
from orders.api.v1.reading import REFUSED
from orders.limits import rate_limits
from runtime import clock

END_USER_SCOPE = "altinn:portal/enduser"

_NEWEST = f"The {dialog_log.MAX_ENTRIES:,} newest, none if there are none."


class MayReadAsEndUser(NeedsScope):
    """Somebody who has logged in to Altinn's portal."""

    scope = END_USER_SCOPE


class EndUserLogView(ContractView):
    """Each notification about the dialog that has ended, of whichever service owner.

    The token is a user's: Dialogporten is asked, with the same token, whether the user may see the
    dialog. Unless it says yes, the answer is an empty 403.
    """

    http_method_names = ["get"]
    permission_classes = [MayReadAsEndUser]

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """Counted before Dialogporten is asked: who tries ids of dialogs is told to wait."""
        super().initial(request, *args, **kwargs)
        caller: Any = request.auth
        rate_limits.count_end_user(pseudonym=caller.pseudonym, now=clock.now())

    @extend_schema(
        operation_id="getEndUserLog",
        summary="What was sent about a dialog, for its end user",
        description=(
            "Each notification about the dialog that has ended, of any service owner. The token is"
            " a user's; Dialogporten decides, by the same token, whether the user may see the"
            " dialog."
        ),
        parameters=[
            OpenApiParameter(
                "dialogId", OpenApiTypes.UUID, required=True, description="The dialog."
            ),
            OpenApiParameter(
                "transmissionId",
                OpenApiTypes.UUID,
                description="Only what is about this transmission of the dialog.",
            ),
        ],
        responses={
            200: OpenApiResponse(NotificationLogExt(many=True), _NEWEST),
            400: OpenApiResponse(ValidationProblemDetails, "An id is missing or is no GUID."),
            **REFUSED,
            403: OpenApiResponse(
                None, f"The token lacks the scope `{END_USER_SCOPE}`, or the dialog is not shown."
            ),
        },
        auth=[{"AltinnToken": []}],  # type: ignore[list-item]
        examples=[examples.LOG],
        tags=["Status"],
    )
    def get(self, request: Request) -> Response:
        dialog_id, transmission_id = _ids(request)
        if not dialogporten.may_see(dialog_id, bearer_token=_bearer_token(request)):
            raise PermissionDenied("Dialogporten does not show this dialog to the user.")
        found = dialog_log.entries(
            dialog_ids=dialog_log.as_written(dialog_id),
            transmission_ids=dialog_log.as_written(transmission_id) if transmission_id else (),
        )
        return Response(presentation.log(found))


class LogView(ContractView):
    """Each notification of the caller about the dialog or transmission that has ended."""

    http_method_names = ["get"]

    @extend_schema(
        operation_id="getLog",
        summary="What was sent about a dialog",
        description=(
            "Each notification of the caller about the dialog or transmission that has ended."
        ),
        parameters=[
            OpenApiParameter("dialogId", OpenApiTypes.STR, description="The dialog, as ordered."),
            OpenApiParameter(
                "transmissionId",
                OpenApiTypes.STR,
                description="The transmission, as ordered; either is enough.",
            ),
        ],
        responses={
            200: OpenApiResponse(NotificationLogExt(many=True), _NEWEST),
            400: OpenApiResponse(ValidationProblemDetails, "Neither is given."),
            **REFUSED,
        },
        examples=[examples.LOG],
        tags=["Status"],
    )
    def get(self, request: Request) -> Response:
        dialog, transmission = (_text(request, name) for name in ("dialogId", "transmissionId"))
        if not (dialog or transmission):
            message = "At least one of 'dialogId' or 'transmissionId' must be provided."
            raise ValidationError({"dialogId": [message]})
        found = dialog_log.entries(
            creator=self.creator(),
            dialog_ids=_as_given(dialog),
            transmission_ids=_as_given(transmission),
        )
        return Response(presentation.log(found))


def _ids(request: Request) -> tuple[UUID, UUID | None]:
    """Raises ValidationError with all that is wrong."""
    errors: dict[str, list[str]] = {}
    dialog = parameter(request, "dialogId")
    dialog_id = _guid(dialog or "")
    if dialog_id is None:
        missing = "A value for the 'dialogId' parameter or property was not provided."
        errors["dialogId"] = [*_not_valid(dialog, "dialogId"), missing]
    transmission = parameter(request, "transmissionId") or ""
    transmission_id = _guid(transmission)
    if transmission.strip() and transmission_id is None:
        errors["transmissionId"] = _not_valid(transmission, "transmissionId")
    if dialog_id is None or errors:
        raise ValidationError(errors)
    return dialog_id, transmission_id


def _not_valid(text: str | None, name: str) -> list[str]:
    if text is None:
        return []
    if not text.strip():
        return [f"The value '{text}' is invalid."]
    return [f"The value '{text}' is not valid for {name}."]


def _guid(text: str) -> UUID | None:
    try:
        return guid(text.strip(), parameter="")
    except ValidationError:
        return None


def _text(request: Request, name: str) -> str:
    """ "" where it is blank."""
    text = parameter(request, name) or ""
    if "\0" in text:
        raise ValidationError({name: ["Null characters are not allowed."]})
    return text if text.strip() else ""


def _as_given(text: str) -> Sequence[str]:
    """A GUID counts in any of the ways in which it may be written."""
    if not text:
        return ()
    identifier = _guid(text)
    return (text, *dialog_log.as_written(identifier)) if identifier else (text,)


def _bearer_token(request: Request) -> str:
    """The caller's own, which has been verified."""
    header: object = request.headers["Authorization"]
    return str(header).partition(" ")[2].strip()
