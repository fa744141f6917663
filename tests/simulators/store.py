"""The blob store: files of any size by links that carry their permission, and all its moods."""

import asyncio
import contextlib
import time
from datetime import UTC, datetime

from aiohttp import web

from tests.simulators.world import WORLD

PIECE = b"0123456789abcdef" * 4_096
_STATUSES = {"refused": 403, "missing": 404, "error": 503, "busy": 429, "late": 408, "moved": 301}
MOODS = frozenset({*_STATUSES, "file", "flaky", "slow", "endless", "redirect", "loop"})


async def _store(request: web.Request) -> web.StreamResponse:
    """`size` is that of the file in bytes; a link whose `se` has passed is refused."""
    world, mood = request.app[WORLD], request.match_info["mood"]
    if mood not in MOODS:
        raise web.HTTPNotFound
    response = await _answer(request, mood)
    about = request.path
    world.calls.record("store", "GET", size=1, status=response.status, about=about)
    return response


async def _answer(request: web.Request, mood: str) -> web.StreamResponse:
    if mood == "flaky" and request.app[WORLD].first_time(request.path_qs):
        return web.Response(status=503)
    if mood in _STATUSES:
        return web.Response(status=_STATUSES[mood])
    if mood in ("redirect", "loop"):
        to = request.query.get("to", request.path_qs)
        return web.Response(status=302, headers={"Location": to})
    if _has_expired(request.query.get("se", "")):
        return web.Response(status=403, headers={"x-ms-error-code": "AuthenticationFailed"})
    return await _file(request, mood)


async def _file(request: web.Request, mood: str) -> web.StreamResponse:
    size = int(request.query.get("size", "100"))
    response = web.StreamResponse(headers={"Content-Type": "application/octet-stream"})
    if mood == "file":
        response.content_length = size
    # Whoever has read enough hangs up.
    with contextlib.suppress(ConnectionError):
        await response.prepare(request)
        if mood == "slow":
            await asyncio.sleep(float(request.query.get("seconds", "5")))
        deadline = time.monotonic() + 60
        sent = 0
        while sent < size or (mood == "endless" and time.monotonic() < deadline):
            piece = PIECE if mood == "endless" else PIECE[: size - sent]
            await response.write(piece)
            sent += len(piece)
    return response


def _has_expired(written: str) -> bool:
    return bool(written) and datetime.fromisoformat(written) <= datetime.now(UTC)


ROUTES = (web.get("/store/{mood}/{name}", _store),)
