"""Condition endpoints of senders: should a notification still go, in good and bad answers."""

import asyncio
import contextlib

import jwt
from aiohttp import web

from tests.simulators.maskinporten import CONDITION_SCOPE, issuer
from tests.simulators.world import WORLD, World

_SLOW = 5.0
_HUGE = b" " * 1_000_000
_MEGABYTES = 50
_BODIES = {
    "true": '{"sendNotification": true}',
    "open": '{"sendNotification": true}',
    "false": '{"sendNotification": false}',
    "garbage": "<p>sendNotification</p>",
    "wrong-case": '{"SendNotification": true}',
    "not-boolean": '{"sendNotification": "true"}',
    "null": '{"sendNotification": null}',
    "list": "[true]",
    "empty": "",
}
_TRUE = _BODIES["true"]
OUTCOMES = frozenset(
    {*_BODIES, "error", "slow", "flaky", "huge", "redirect", "loop", "expired-once"}
)


async def _condition(request: web.Request) -> web.StreamResponse:
    world, outcome = request.app[WORLD], request.match_info["outcome"]
    if outcome not in OUTCOMES:
        raise web.HTTPNotFound
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    response: web.StreamResponse
    if outcome != "open" and not _is_valid(world, token):
        response = web.Response(status=401, headers={"WWW-Authenticate": "Bearer"})
    elif outcome == "huge":
        response = await _huge(request)
    else:
        response = await _answer(world, request, outcome, token)
    operation = "with token" if token else "without token"
    about = request.path_qs
    world.calls.record("condition", operation, size=1, status=response.status, about=about)
    return response


async def _answer(world: World, request: web.Request, outcome: str, token: str) -> web.Response:
    match outcome:
        case "error":
            return web.Response(status=500, text="Internal Server Error")
        case "flaky" if world.first_time(request.path_qs):
            return web.Response(status=500, text="Internal Server Error")
        case "expired-once" if world.first_time(request.path_qs, by=token):
            return web.Response(status=401, headers={"WWW-Authenticate": "Bearer"})
        case "redirect":
            to = request.query.get("to", "/condition/true")
            return web.Response(status=302, headers={"Location": to})
        case "loop":
            return web.Response(status=302, headers={"Location": "/condition/loop"})
        case "slow":
            await asyncio.sleep(float(request.query.get("seconds", _SLOW)))
    return web.Response(text=_BODIES.get(outcome, _TRUE), content_type="application/json")


async def _huge(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    # Whoever has read enough hangs up.
    with contextlib.suppress(ConnectionError):
        for _ in range(_MEGABYTES):
            await response.write(_HUGE)
        await response.write(_TRUE.encode())
    return response


def _is_valid(world: World, token: str) -> bool:
    try:
        claims = jwt.decode(
            token,
            world.settings.development_key.public_key(),
            algorithms=["RS256"],
            issuer=issuer(world.settings),
            options={"require": ["exp", "iss"], "verify_aud": False},
        )
    except jwt.InvalidTokenError:
        return False
    return CONDITION_SCOPE in str(claims.get("scope", "")).split()


ROUTES = (web.get("/condition/{outcome}", _condition),)
