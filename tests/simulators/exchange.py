"""Altinn's exchange: a service owner's token from Maskinporten becomes one of Altinn."""

import time

import jwt
from aiohttp import web

from tests.simulators import maskinporten
from tests.simulators.answering import trouble_of
from tests.simulators.openid import key_id
from tests.simulators.world import WORLD, World

PATH = "/authentication/api/v1/exchange/maskinporten"
ORG = "ttd"

_LIFETIME = 1_800


async def _exchange(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    response = await trouble_of(world, "openid")
    if response is None:
        try:
            response = web.Response(text=_altinn_token(world, _bearer(request)))
        except jwt.InvalidTokenError:
            response = web.Response(status=401)
    world.calls.record("openid", request.path, size=1, status=response.status)
    return response


def _bearer(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme == "Bearer" else ""


def _altinn_token(world: World, token: str) -> str:
    """With the same scopes, under Altinn's claims. Raises jwt.InvalidTokenError."""
    key = world.settings.development_key
    shown = jwt.decode(
        token,
        key.public_key(),
        algorithms=["RS256"],
        issuer=maskinporten.issuer(world.settings),
        options={"require": ["iss", "exp"], "verify_iss": True},
    )
    now = int(time.time())
    claims = {
        "iss": f"{world.settings.url}/authentication/",
        "urn:altinn:org": ORG,
        "urn:altinn:scope": shown["scope"],
        "urn:altinn:authenticatemethod": "maskinporten",
        "client_id": shown["client_id"],
        "iat": now,
        "exp": now + _LIFETIME,
    }
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": key_id(key.public_key())})


ROUTES = (web.get(PATH, _exchange),)
