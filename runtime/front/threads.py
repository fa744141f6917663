"""A few threads that work for an event loop.

concurrent.futures does the same, and takes several times as long to hand something over and back.
"""

import asyncio
from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, TypeVar, TypeVarTuple

Arguments = TypeVarTuple("Arguments")
Result = TypeVar("Result")

_Work = tuple[asyncio.Future[Any], Callable[..., object], tuple[object, ...]]


class Threads:
    """They begin with the first work, for a server may divide into processes before that."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._work = SimpleQueue[_Work]()
        self._beginning = Lock()
        self._has_begun = False

    def run(
        self, act: Callable[[*Arguments], Result], *arguments: *Arguments
    ) -> asyncio.Future[Result]:
        if not self._has_begun:
            self._begin()
        done: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._work.put((done, act, arguments))
        return done

    def _begin(self) -> None:
        with self._beginning:
            if self._has_begun:
                return
            for number in range(self._count):
                Thread(target=self._serve, name=f"request-{number}", daemon=True).start()
            self._has_begun = True

    def _serve(self) -> None:
        while True:
            done, act, arguments = self._work.get()
            loop = done.get_loop()
            try:
                result = act(*arguments)
            except BaseException as error:
                loop.call_soon_threadsafe(_fail, done, error)
            else:
                loop.call_soon_threadsafe(_end, done, result)
                del result
            del done, act, arguments


def _end(done: asyncio.Future[Result], result: Result) -> None:
    if not done.cancelled():
        done.set_result(result)


def _fail(done: asyncio.Future[object], error: BaseException) -> None:
    if not done.cancelled():
        done.set_exception(error)
