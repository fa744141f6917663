"""A small HTTP server in a thread, for answers that the simulators never give."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from multidict import CIMultiDictProxy


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it came: JSON or form, whichever it was."""

    path: str
    body: Any
    headers: CIMultiDictProxy[str]
    request: web.Request


Answering = Callable[[Call], Awaitable[object]]


class LocalServer:
    """Serves 127.0.0.1; an answer is JSON, bytes, or an aiohttp response."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.most_at_once = 0
        self._at_once = 0
        self._answers: dict[str, Answering] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._runner, self.url = self._in_loop(self._start())

    def answer(self, path: str, answer: Callable[[Call], object] | object) -> None:
        """What to say from now on; a function gets the call, and may be a coroutine function."""

        async def answering(call: Call) -> object:
            said = answer(call) if callable(answer) else answer
            return await said if isinstance(said, Awaitable) else said

        self._answers[path] = answering

    def bodies(self, path: str) -> list[Any]:
        return [call.body for call in self.calls if call.path == path]

    def stop(self) -> None:
        self._in_loop(self._runner.cleanup())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def _in_loop(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(5)

    async def _start(self) -> tuple[web.AppRunner, str]:
        application = web.Application(client_max_size=10_000_000)
        application.router.add_route("*", "/{path:.*}", self._handle)
        runner = web.AppRunner(
            application, access_log=None, shutdown_timeout=0.1, handler_cancellation=True
        )
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        return runner, f"http://{host}:{port}"

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            call = Call(request.path, await _body(request), request.headers, request)
            self.calls.append(call)
            answer = await self._answers[request.path](call)
        finally:
            self._at_once -= 1
        if isinstance(answer, web.StreamResponse):
            return answer
        if isinstance(answer, bytes):
            return web.Response(body=answer, content_type="application/json")
        return web.json_response(answer)


async def _body(request: web.Request) -> Any:
    if request.content_type == "multipart/form-data":
        return await request.post()
    text = await request.text()
    if request.content_type == "application/x-www-form-urlencoded":
        return dict(parse_qsl(text))
    return json.loads(text) if text else None


async def never(call: Call) -> object:
    """An answer that does not come."""
    await asyncio.sleep(3600)
    return None
