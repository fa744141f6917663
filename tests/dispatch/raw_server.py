"""A TCP server in a thread that does what a test says, byte by byte, and sees every connection."""

import asyncio
import threading
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable
from typing import Any

Conversation = Callable[[StreamReader, StreamWriter], Awaitable[None]]


class RawServer:
    """Each connection is served by the next conversation; the last one serves all that follow.

    When its conversation ends, a connection is closed.
    """

    def __init__(self, *conversations: Conversation) -> None:
        self.connections = 0
        self._conversations = list(conversations)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server = self._in_loop(self._start())
        self.port: int = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        self._in_loop(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def _in_loop(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(5)

    async def _start(self) -> asyncio.Server:
        return await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        conversation = self._conversations[min(self.connections, len(self._conversations) - 1)]
        self.connections += 1
        try:
            await conversation(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _stop(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
