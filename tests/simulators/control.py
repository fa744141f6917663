"""What tests and people may ask of the simulated world itself."""

import json
from collections.abc import Callable

from aiohttp import web

from tests.simulators.faults import InvalidFault
from tests.simulators.phones_and_inboxes import Received
from tests.simulators.registers import InvalidRegisters
from tests.simulators.world import WORLD, World

_MESSAGES_A_WRITE = 1_000


async def _messages(request: web.Request) -> web.StreamResponse:
    """All of them, oldest first; `after` leaves out up to a number, `last` all but the newest."""
    world = request.app[WORLD]
    after = _whole_number(request, "after") or 0
    messages = world.messages.after(after, last=_whole_number(request, "last"))
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(f'{{"epoch": "{world.messages.epoch}", "messages": ['.encode())
    for start in range(0, len(messages), _MESSAGES_A_WRITE):
        some = messages[start : start + _MESSAGES_A_WRITE]
        text = ",".join(_written(world, message) for message in some)
        await response.write(("," + text if start else text).encode())
    await response.write(b"]}")
    return response


def _written(world: World, message: Received) -> str:
    owner = world.registers.owner_of(message.receiver)
    return json.dumps(message.as_json(owner=owner))


def _whole_number(request: web.Request, name: str) -> int | None:
    text = request.query.get(name)
    if text is None:
        return None
    if not text.isdecimal():
        raise web.HTTPBadRequest(text=f"'{name}' is not a whole number: {text}")
    return int(text)


async def _calls(request: web.Request) -> web.Response:
    return web.json_response({"calls": request.app[WORLD].calls.as_json()})


async def _faults(request: web.Request) -> web.Response:
    return web.json_response(request.app[WORLD].faults.in_force())


async def _put_faults(request: web.Request) -> web.Response:
    faults = request.app[WORLD].faults
    try:
        faults.put(await _json(request))
    except InvalidFault as error:
        raise web.HTTPBadRequest(text=str(error)) from error
    return web.json_response(faults.in_force())


async def _put_registers(request: web.Request) -> web.Response:
    try:
        request.app[WORLD].registers.add(await _json(request))
    except InvalidRegisters as error:
        raise web.HTTPBadRequest(text=str(error)) from error
    return web.Response(status=204)


async def _reports(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    kinds = {
        "sms": world.sms_reports,
        "gatewayapi": world.gatewayapi_reports,
        "email": world.mail_reports,
    }
    counts = {
        name: {"waiting": kind.waiting, "posted": kind.posted, "givenUp": kind.given_up}
        for name, kind in kinds.items()
    }
    return web.json_response({"url": world.reports_url, **counts})


async def _put_reports(request: web.Request) -> web.Response:
    """Where reports go from now on; an empty URL: nowhere."""
    document = await _json(request)
    url = document.get("url") if isinstance(document, dict) else None
    if not isinstance(url, str) or (url and not url.startswith(("http://", "https://"))):
        raise web.HTTPBadRequest(text="A JSON object with a 'url' is needed; http(s), or empty.")
    request.app[WORLD].reports_url = url.rstrip("/")
    return web.Response(status=204)


async def _json(request: web.Request) -> object:
    try:
        document: object = json.loads(await request.read())
    except ValueError as error:
        raise web.HTTPBadRequest(text=f"The body is not JSON: {error}") from error
    return document


async def _healthy(_request: web.Request) -> web.Response:
    return web.Response(text="Healthy")


def _forgetting(path: str, forget: Callable[[World], None]) -> web.RouteDef:
    async def handle(request: web.Request) -> web.Response:
        forget(request.app[WORLD])
        return web.Response(status=204)

    return web.delete(path, handle)


ROUTES = (
    web.get("/health", _healthy),
    web.get("/control/messages", _messages),
    web.get("/control/calls", _calls),
    web.get("/control/faults", _faults),
    web.put("/control/faults", _put_faults),
    web.put("/control/registers", _put_registers),
    web.get("/control/reports", _reports),
    web.put("/control/reports", _put_reports),
    _forgetting("/control/messages", lambda world: world.messages.clear()),
    _forgetting("/control/calls", lambda world: world.calls.clear()),
    _forgetting("/control/faults", lambda world: world.faults.clear()),
    _forgetting("/control/registers", lambda world: world.registers.reset()),
    _forgetting("/control", World.reset),
)
