"""A permission that is a scope of the caller's bearer token."""

from typing import ClassVar

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from orders.creators import Caller


class NeedsScope(BasePermission):
    """A bearer token with the scope; a platform access token does not help."""

    scope: ClassVar[str]
    """Told to who is refused, in WWW-Authenticate."""

    def has_permission(self, request: Request, view: object) -> bool:
        caller = request.auth
        return isinstance(caller, Caller) and self.scope in caller.scopes
