"""Tells from a request's tokens whom it speaks for."""

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from config.api import tokens
from orders.creators import Caller


class AltinnTokens(BaseAuthentication):
    """An Altinn bearer token, or a PlatformAccessToken (also beside an unusable bearer token).

    Only verified tokens count: a forged platform token beside a good bearer token is ignored. A
    verified one decides on whose behalf the request is made. `request.auth` is the `Caller`.
    Where the view takes none, platform tokens do not count at all.
    """

    def authenticate(self, request: Request) -> tuple[object, Caller] | None:
        view = (request.parser_context or {}).get("view")
        takes_platform_tokens = getattr(view, "takes_platform_tokens", True)
        by_platform = _by_platform_token(request) if takes_platform_tokens else None
        caller = by_platform or _by_bearer_token(request)
        return (None, caller) if caller else None

    def authenticate_header(self, request: Request) -> str:
        """Makes a missing token a 401; the header itself is not sent."""
        return "Bearer"


def _by_platform_token(request: Request) -> Caller | None:
    # Several headers of one name arrive joined by commas, which no token contains.
    header = request.headers.get("PlatformAccessToken", "")
    token = tokens.platform_token(header.strip()) if header else None
    return Caller(token.issuer, has_platform_token=True) if token else None


def _by_bearer_token(request: Request) -> Caller | None:
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not credentials.strip():
        return None
    token = tokens.bearer_token(credentials.strip())
    if token is None:
        return None
    return Caller(token.org, scopes=token.scopes, client=token.client, pseudonym=token.pseudonym)
