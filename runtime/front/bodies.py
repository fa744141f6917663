"""The body of a request as it comes in, whatever its framing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from io import RawIOBase
from typing import NoReturn, TypedDict

from runtime.front.refusals import BodyWanted, Refusal


class Received(TypedDict, total=False):
    """A message of the server's (https://asgi.readthedocs.io/en/latest/specs/www.html)."""

    type: str
    body: bytes
    more_body: bool


Receive = Callable[[], Awaitable[Received]]


class CutOff(Exception):
    """The caller has ended the connection, or its half of it, before the body."""


class NoRoom(Exception):
    """Too many large bodies are held, and none was done with in time."""


class Absent(RawIOBase):
    """What an application reads from that is asked before the body is there."""

    def __init__(self, refusal: Refusal | None = None) -> None:
        self._refusal = refusal

    def read(self, size: int = -1, /) -> NoReturn:
        raise BodyWanted(self._refusal)

    def readline(self, size: int | None = -1, /) -> NoReturn:
        raise BodyWanted(self._refusal)


class Incoming:
    """`announced` is the length that the caller gave; without one the server knows the end."""

    def __init__(self, receive: Receive, announced: int | None) -> None:
        self.announced = announced
        self.length = 0
        self.is_whole = announced == 0
        self._receive = receive
        self._pieces: list[bytes] = []

    async def take_in(self) -> None:
        """Wait for the next piece. Raises CutOff."""
        message = await self._receive()
        if message["type"] != "http.request":
            raise CutOff
        piece = message["body"]
        self._pieces.append(piece)
        self.length += len(piece)
        if self.announced is None:
            self.is_whole = not message["more_body"]
        else:
            self.is_whole = self.length >= self.announced

    def handed_over(self) -> bytes:
        """All that has come; it is kept here no longer."""
        pieces, self._pieces = self._pieces, []
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)


class Room:
    """Memory for large bodies: each finds room for the whole of it before it is taken in."""

    def __init__(self, most: int) -> None:
        self._free = most
        self._more = asyncio.Condition()

    @asynccontextmanager
    async def taken(self, count: int, *, seconds: float) -> AsyncIterator[None]:
        """Raises NoRoom after so many seconds."""
        async with self._more:
            try:
                async with asyncio.timeout(seconds):
                    await self._more.wait_for(lambda: self._free >= count)
            except TimeoutError:
                raise NoRoom from None
            self._free -= count
        try:
            yield
        finally:
            self._free += count
            async with self._more:
                self._more.notify_all()
