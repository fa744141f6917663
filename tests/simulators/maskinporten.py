"""Maskinporten: gives a short-lived token to a client that signs for itself."""

import secrets
import time
from typing import Any

import jwt
from aiohttp import web

from tests.simulators.answering import Refused, trouble_of
from tests.simulators.openid import key_id
from tests.simulators.settings import Settings
from tests.simulators.world import WORLD, World

CONDITION_SCOPE = "altinn:system/notifications.condition.check"
CREATE_SCOPE = "altinn:serviceowner/notifications.create"
"""As a service owner has it: one client stands for both sides here."""

_GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_MAX_GRANT_SECONDS = 120
_LIFETIME = 119


def issuer(settings: Settings) -> str:
    return f"{settings.url}/maskinporten/"


async def _token(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    response = await trouble_of(world, "maskinporten")
    if response is None:
        try:
            claims = _verified_grant(world, dict(await request.post()))
            response = web.json_response(_answer(world, str(claims["scope"])))
        except Refused as refusal:
            problem = {"error": "invalid_grant", "error_description": str(refusal)}
            response = web.json_response(problem, status=refusal.status)
    world.calls.record("maskinporten", request.path, size=1, status=response.status)
    return response


def _verified_grant(world: World, form: dict[str, Any]) -> dict[str, Any]:
    if form.get("grant_type") != _GRANT_TYPE:
        raise Refused(400, f"grant_type must be {_GRANT_TYPE}")
    assertion = str(form.get("assertion", ""))
    try:
        header = jwt.get_unverified_header(assertion)
        # The audience is the issuer's identifier; the real one refuses its token endpoint's URL.
        claims: dict[str, Any] = jwt.decode(
            assertion,
            world.settings.maskinporten_key.public_key(),
            algorithms=["RS256"],
            audience=issuer(world.settings),
            issuer=world.settings.maskinporten_client,
            options={"require": ["aud", "iss", "iat", "exp", "jti"]},
        )
    except jwt.InvalidTokenError as error:
        raise Refused(400, f"Invalid assertion. Client authentication failed. {error}") from error
    if not header.get("kid"):
        raise Refused(400, "Invalid assertion. The header has no kid.")
    if claims["exp"] - claims["iat"] > _MAX_GRANT_SECONDS:
        raise Refused(400, f"Invalid assertion. It lives longer than {_MAX_GRANT_SECONDS} seconds.")
    if not world.first_time(f"grant {claims['jti']}"):
        raise Refused(400, "Invalid assertion. Its jti was used before.")
    if not {CONDITION_SCOPE, CREATE_SCOPE} & set(str(claims.get("scope", "")).split()):
        raise Refused(400, f"The client asks for no scope that it has: {CONDITION_SCOPE}")
    return claims


def _answer(world: World, scope: str) -> dict[str, object]:
    now = int(time.time())
    key = world.settings.development_key
    claims = {
        "iss": issuer(world.settings),
        "client_id": world.settings.maskinporten_client,
        "scope": scope,
        "iat": now,
        "exp": now + _LIFETIME,
        "jti": secrets.token_urlsafe(16),
    }
    token = jwt.encode(claims, key, algorithm="RS256", headers={"kid": key_id(key.public_key())})
    return {
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": _LIFETIME,
        "scope": scope,
    }


ROUTES = (web.post("/maskinporten/token", _token),)
