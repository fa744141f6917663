"""What a caller's tokens allow."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from orders.creators import Caller

CREATE_SCOPE = "altinn:serviceowner/notifications.create"
"""https://docs.altinn.studio/notifications/reference/api/#authentication--authorization"""


class MayCreateNotifications(BasePermission):
    """A bearer token with the scope, or any verified platform access token."""

    def has_permission(self, request: Request, view: object) -> bool:
        caller = request.auth
        return isinstance(caller, Caller) and (
            caller.has_platform_token or CREATE_SCOPE in caller.scopes
        )
