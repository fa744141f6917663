"""How a simulated register answers: JSON in, JSON out, with its limits and its faults."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from tests.simulators.faults import LONG
from tests.simulators.world import WORLD, World

MAX_IDENTIFIERS = 1_000

JsonObject = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Answer = Callable[[World, web.Request, JsonObject], tuple[int, JsonObject]]


class Refused(Exception):
    """The call is answered with this HTTP status and text."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def json_endpoint(part: str, answer: Answer) -> Handler:
    """A handler that calls `answer`, which says how much it was asked and what it answers."""

    async def handle(request: web.Request) -> web.StreamResponse:
        world = request.app[WORLD]
        trouble = await trouble_of(world, part)
        if trouble is not None:
            world.calls.record(part, request.path, size=0, status=trouble.status)
            return trouble
        size = 0
        try:
            size, document = answer(world, request, await _json_object(request))
            response = web.json_response(document)
        except Refused as refusal:
            response = web.json_response({"detail": str(refusal)}, status=refusal.status)
        world.calls.record(part, request.path, size=size, status=response.status)
        return response

    return handle


async def trouble_of(world: World, part: str) -> web.Response | None:
    """What a fault makes of this call, after its latency; None if the call goes on as usual."""
    fault = world.faults.take(part)
    if fault is None:
        return None
    await asyncio.sleep(fault.latency_ms / 1000)
    match fault.mode:
        case "error500":
            return web.Response(status=500, text="Internal Server Error")
        case "time-out":
            await asyncio.sleep(LONG)
            return web.Response(status=504)
        case "bad-json":
            return web.Response(text='{"contactPointsList": [', content_type="application/json")
    return None


def identifiers(body: JsonObject, member: str, *, digits: int) -> list[str]:
    """The numbers asked for. Raises `Refused` for one bad number, as the real ones do."""
    found = body.get(member)
    if not isinstance(found, list):
        raise Refused(400, f"'{member}' is missing or not a list.")
    if len(found) > MAX_IDENTIFIERS:
        raise Refused(400, f"'{member}' holds more than {MAX_IDENTIFIERS} identifiers.")
    for identifier in found:
        require_digits(identifier, digits=digits)
    return found


def require_digits(identifier: object, *, digits: int) -> None:
    """Raises `Refused`."""
    fits = isinstance(identifier, str) and identifier.isascii() and identifier.isdigit()
    if not fits or len(str(identifier)) != digits:
        raise Refused(400, f"Not a number of {digits} digits: {identifier!r:.40}")


async def _json_object(request: web.Request) -> JsonObject:
    try:
        body = json.loads(await request.read())
    except ValueError:
        raise Refused(400, "The body is not JSON.") from None
    if not isinstance(body, dict):
        raise Refused(400, "The body is not a JSON object.")
    return body
