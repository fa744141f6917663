"""What is asked while a body is slow in coming."""

import asyncio
from collections.abc import Callable, Coroutine

from runtime.front.answers import Answer

SOON = 0.25
"""Seconds after which the application is asked whether it wants a body that has not come yet."""


class Meanwhile:
    """Asks once SOON has passed; an answer expires `limit`, within which the body is read."""

    def __init__(
        self, ask: Callable[[], Coroutine[object, None, Answer | None]], limit: asyncio.Timeout
    ) -> None:
        self._ask = ask
        self._limit = limit
        self._is_over = False
        self._asking: asyncio.Task[Answer | None] | None = None
        self._timer = asyncio.get_running_loop().call_later(SOON, self._begin)

    async def answer(self) -> Answer | None:
        """Once the reading has ended, one way or the other; None where there was none."""
        self._is_over = True
        self._timer.cancel()
        return await self._asking if self._asking else None

    def _begin(self) -> None:
        self._asking = asyncio.ensure_future(self._run())

    async def _run(self) -> Answer | None:
        answer = await self._ask()
        if answer is not None and not self._is_over:
            self._limit.reschedule(0)
        return answer
