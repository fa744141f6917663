"""Tells from a request's tokens whom it speaks for, and who is refused why."""

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from config.api import challenges
from config.tokens import verification
from config.tokens.verification import NotProven
from orders.creators import Caller


class AltinnTokens(BaseAuthentication):
    """An Altinn bearer token, or a PlatformAccessToken (also beside an unusable bearer token).

    Only verified tokens count: a forged platform token beside a good bearer token is ignored. A
    verified one decides on whose behalf the request is made. `request.auth` is the `Caller`.
    Where the view takes none, platform tokens do not count at all. `request.refused_tokens` says
    what is wrong with the others.
    """

    def authenticate(self, request: Request) -> tuple[object, Caller] | None:
        view = (request.parser_context or {}).get("view")
        refused: list[str] = []
        for read in (_by_platform_token, _by_bearer_token):
            try:
                caller = read(request, view)
            except NotProven as reason:
                refused.insert(0, str(reason))  # the bearer token's before the platform token's
                continue
            if caller is not None:
                return None, caller
        request.refused_tokens = refused  # type: ignore[attr-defined]
        return None

    def authenticate_header(self, request: Request) -> str:
        """Makes a missing token a 401."""
        view: object = (request.parser_context or {}).get("view")
        reasons: list[str] = getattr(request, "refused_tokens", [])
        if not reasons:
            return challenges.token_wanted(scope=challenges.scope_of(view))
        return challenges.invalid_token(reasons[0])


def _by_platform_token(request: Request, view: object) -> Caller | None:
    # Several headers of one name arrive joined by commas, which no token contains.
    header = request.headers.get("PlatformAccessToken", "")
    if not header:
        return None
    if not getattr(view, "takes_platform_tokens", True):
        raise NotProven("A PlatformAccessToken is not taken here.")
    token = verification.platform_token(header.strip())
    return Caller(token.issuer, has_platform_token=True)


def _by_bearer_token(request: Request, _view: object) -> Caller | None:
    header = request.headers.get("Authorization", "")
    scheme, _, credentials = header.partition(" ")
    if not header.strip():
        return None
    if scheme.lower() != "bearer" or not credentials.strip():
        raise NotProven("The header is not written Authorization: Bearer, a space, the token.")
    token = verification.bearer_token(credentials.strip())
    return Caller(token.org, scopes=token.scopes, client=token.client, pseudonym=token.pseudonym)
