"""What a caller's tokens allow."""

from rest_framework.request import Request

from orders.api.permissions import NeedsScope
from orders.creators import Caller

CREATE_SCOPE = "altinn:serviceowner/notifications.create"
"""https://docs.altinn.studio/notifications/reference/api/#authentication--authorization"""
SUPPORT_SCOPE = "altinn:notifications.support.admin"


class MayCreateNotifications(NeedsScope):
    """A bearer token with the scope, or any verified platform access token."""

    scope = CREATE_SCOPE

    def has_permission(self, request: Request, view: object) -> bool:
        caller = request.auth
        return (isinstance(caller, Caller) and caller.has_platform_token) or super().has_permission(
            request, view
        )


class MaySupport(NeedsScope):
    """The support dashboard, which sees the orders of all service owners."""

    scope = SUPPORT_SCOPE
