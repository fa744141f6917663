"""A web process that is asked to stop says so first, and stops a little later.

Whoever distributes requests asks /ready now and then. Until it has asked again, requests still
come, and are answered as ever.
"""

import asyncio
import os
import signal
import threading
from typing import Protocol

import structlog

from runtime.front.bodies import Receive
from runtime.front.door import Send
from runtime.front.environ import Scope

logger = structlog.get_logger(__name__)

is_leaving = threading.Event()


class Application(Protocol):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...


class LeavesLater:
    """An ASGI application in front of another one, in a process of granian's.

    granian stops taking requests in on SIGTERM, as on SIGINT. From the first request on, SIGTERM
    means: be not ready, and raise SIGINT after `seconds`.
    """

    def __init__(self, application: Application, seconds: float) -> None:
        self._application = application
        self._seconds = seconds
        self._is_prepared = not seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._is_prepared:
            self._prepare()
        await self._application(scope, receive, send)

    def _prepare(self) -> None:
        self._is_prepared = True
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self._leave)

    def _leave(self) -> None:
        if is_leaving.is_set():
            return
        is_leaving.set()
        logger.info("Asked to stop: not ready from now on", stops_after=self._seconds)
        loop = asyncio.get_running_loop()
        loop.call_later(self._seconds, os.kill, os.getpid(), signal.SIGINT)
