"""What a caller's tokens allow."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from orders.creators import Caller

CREATE_SCOPE = "altinn:serviceowner/notifications.create"
"""https://docs.altinn.studio/notifications/reference/api/#authentication--authorization"""
SUPPORT_SCOPE = "altinn:notifications.support.admin"


class MayCreateNotifications(BasePermission):
    """A bearer token with the scope, or any verified platform access token."""

    def has_permission(self, request: Request, view: object) -> bool:
        caller = request.auth
        return isinstance(caller, Caller) and (
            caller.has_platform_token or CREATE_SCOPE in caller.scopes
        )


class MaySupport(BasePermission):
    """A bearer token with the scope of the support dashboard, which sees the orders of all service
    owners; a platform access token does not help."""

    def has_permission(self, request: Request, view: object) -> bool:
        caller = request.auth
        return isinstance(caller, Caller) and SUPPORT_SCOPE in caller.scopes
