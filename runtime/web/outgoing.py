"""Calls to the outside world: one event loop in a thread, and pooled connections, per process.

Django's code runs in ordinary threads and hands coroutines over with `run`; many calls share the
loop and its kept connections. Everything is made at first use, so a process that is forked after
that gets a loop of its own.
"""

import asyncio
import atexit
import os
import threading
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

import aiohttp
from django.db import connection

T = TypeVar("T")

USER_AGENT = "altinn-notifications/1.0"
CONNECTIONS_PER_HOST = 100
RESOLVING_THREADS = 32
# For callers that set no time limit of their own. Seconds.
TIMEOUT = aiohttp.ClientTimeout(total=30, connect=10)
_SECONDS_TO_CLOSE = 2


class _EventLoopThread:
    """A running loop and the sessions that belong to it."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        # Host names are resolved in threads; a few that hang must not keep the others waiting.
        self.loop.set_default_executor(ThreadPoolExecutor(RESOLVING_THREADS, "resolving"))
        self.sessions: dict[int, aiohttp.ClientSession] = {}
        self._begun: set[asyncio.Task[None]] = set()
        self.thread = threading.Thread(target=self.loop.run_forever, name="outgoing", daemon=True)
        self.thread.start()

    def begin(self, coroutine: Coroutine[object, None, None]) -> None:
        """On the loop's own thread. The loop itself knows its tasks only weakly."""
        task = self.loop.create_task(coroutine)
        self._begun.add(task)
        task.add_done_callback(self._begun.discard)

    def close(self) -> None:
        async def close_sessions() -> None:
            for open_session in self.sessions.values():
                await open_session.close()

        with suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(close_sessions(), self.loop).result(_SECONDS_TO_CLOSE)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(_SECONDS_TO_CLOSE)


_starting = threading.Lock()
_running: _EventLoopThread | None = None
# A forked child must neither use nor destroy its parent's loop: closing it would take the sockets
# out of the poll set that both processes share.
_of_the_parent: list[_EventLoopThread | None] = []


def _thread() -> _EventLoopThread:
    global _running
    with _starting:
        if _running is None:
            _running = _EventLoopThread()
        return _running


def _start_afresh_in_child() -> None:
    global _running, _starting
    _of_the_parent.append(_running)
    _running = None
    _starting = threading.Lock()  # another thread of the parent may have held it


def _close_at_exit() -> None:
    """Connections still open when the interpreter goes are reported as errors in the log."""
    if _running is not None:
        _running.close()


atexit.register(_close_at_exit)
os.register_at_fork(after_in_child=_start_afresh_in_child)


def loop() -> asyncio.AbstractEventLoop:
    """This process's loop for outgoing calls, running in its own thread."""
    return _thread().loop


def run(coroutine: Coroutine[object, None, T], *, timeout: float | None = None) -> T:
    """Run on the loop and wait for the result, from any thread but the loop's own.

    The thread's database connection goes back to the pool first, unless a transaction is open:
    while we wait for others, others may work with it.

    Raises what the coroutine raises. After `timeout` seconds, or when the waiting thread is
    interrupted, the coroutine is cancelled; TimeoutError says the former.
    """
    outgoing = _thread()
    if threading.current_thread() is outgoing.thread:
        coroutine.close()
        raise RuntimeError("Code on the loop awaits; it would wait for itself here.")
    give_back_connection()
    future = asyncio.run_coroutine_threadsafe(coroutine, outgoing.loop)
    try:
        return future.result(timeout)
    finally:
        future.cancel()


class AnswerTooLarge(ValueError):
    """An answer has more bytes than any honest one."""


async def bounded(response: aiohttp.ClientResponse, *, most: int) -> bytes:
    """The content of an answer, however it is framed. Raises AnswerTooLarge, and closes the
    connection, as soon as it is longer."""
    content = bytearray()
    async for piece in response.content.iter_any():
        content += piece
        if len(content) > most:
            response.close()
            raise AnswerTooLarge(f"The answer has more than {most} bytes.")
    return bytes(content)


def give_back_connection() -> None:
    """The thread's database connection goes back to the pool, unless a transaction is open."""
    if not connection.in_atomic_block:
        connection.close()


def start(coroutine: Coroutine[object, None, None]) -> None:
    """Run on the loop without waiting; what it raises is logged by the loop."""
    outgoing = _thread()
    outgoing.loop.call_soon_threadsafe(outgoing.begin, coroutine)


def session(*, connections_per_host: int = CONNECTIONS_PER_HOST) -> aiohttp.ClientSession:
    """The pooled session, for coroutines on the loop. Never close it.

    `connections_per_host` (0: no limit) makes a pool of its own, shared by all who name the same
    number; the number of hosts is not limited. No cookies are kept. Each call names its proxy
    (`outgoing_proxy.proxy_for`); none is taken from the environment.
    """
    outgoing = _thread()
    if asyncio.get_running_loop() is not outgoing.loop:
        raise RuntimeError("The session belongs to the loop of outgoing calls; use run().")
    if connections_per_host not in outgoing.sessions:
        outgoing.sessions[connections_per_host] = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, limit_per_host=connections_per_host),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=TIMEOUT,
            trust_env=False,
            headers={"User-Agent": USER_AGENT},
        )
    return outgoing.sessions[connections_per_host]


@asynccontextmanager
async def together() -> AsyncIterator[asyncio.TaskGroup]:
    """A task group in which the first failure cancels the rest and is raised as itself."""
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
