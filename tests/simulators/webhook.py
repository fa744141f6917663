"""Service owners' endpoints: each takes its events, every fifth of them at the second try."""

from uuid import UUID

from aiohttp import web

from tests.simulators.world import WORLD

EVERY = 5


async def _event(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    event = await request.json()
    message_id = request.headers["webhook-id"]
    is_refused = UUID(message_id).int % EVERY == 0 and world.first_time(message_id)
    number = event["data"].get("sequenceNumber", "")
    world.calls.record(
        "webhook",
        request.match_info["owner"],
        size=1,
        status=503 if is_refused else 204,
        about=f"{message_id} {number}",
    )
    return web.Response(status=503 if is_refused else 204)


ROUTES = (web.post("/webhook/{owner}", _event),)
