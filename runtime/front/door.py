"""Takes requests in on an event loop, and hands them to a WSGI application once they are whole."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import Future
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext, suppress
from functools import partial
from io import BytesIO
from time import perf_counter
from typing import TYPE_CHECKING

from django.db import close_old_connections

from runtime.front.answers import TELLS, Answer, Head, Tell, next_piece, problem
from runtime.front.bodies import Absent, CutOff, Incoming, NoRoom, Receive, Room
from runtime.front.environ import ASKED, Environ, Scope, environ_of
from runtime.front.limits import HEAVY, LARGE, MAX_HEADERS, SMALL, Limits, Sort
from runtime.front.meanwhile import Meanwhile
from runtime.front.parking import KNOWN, PARKS, Parked
from runtime.front.refusals import (
    LENGTH_REQUIRED,
    TOO_MANY_HEADERS,
    BodyWanted,
    Refusal,
    Refused,
    TurnedAway,
    cut_off,
    too_large,
    too_many,
    too_slow,
)
from runtime.front.threads import Threads
from runtime.traces import continued_or_new

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Send = Callable[[dict[str, object]], Awaitable[None]]

DRAINED = 2.0
"""Seconds for which a caller who is refused may go on sending, and one more for each so many bytes
as a body must bring in a second: one who is cut off in the middle may find the connection broken,
and not read why."""
_EXPECT = "HTTP_EXPECT"
_BEGUN = "front.begun"


class Door:
    """An ASGI application (https://asgi.readthedocs.io) in front of a WSGI one.

    The application is called in one of a few threads, when the whole body is there. A body that is
    large or slow in coming, or that the caller asks for first (`Expect`), is not waited for before
    the application has been asked without it: what it answers without reading, such as 401, is the
    answer. So it may be called twice for a request, and reads the body once. It is called again,
    too, when it has parked the request and what that waits for is known.

    `note_turned_away` is told of each request that is answered without the application.
    """

    def __init__(
        self,
        application: "WSGIApplication",
        limits: Limits,
        note_turned_away: Callable[[TurnedAway], None],
    ) -> None:
        self._application = application
        self._note_turned_away = note_turned_away
        self._limits = limits
        self._threads = Threads(limits.threads)
        self._rooms: dict[Sort, Room] = {}
        self._one_heavy_body = asyncio.Lock()
        self._long_answers = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        begun = perf_counter()
        if len(scope["headers"]) > MAX_HEADERS:
            unread = {"REQUEST_METHOD": scope["method"], _BEGUN: begun}
            await self._give(self._turn_away(unread, TOO_MANY_HEADERS), receive, send)
            return
        environ = environ_of(scope)
        environ |= {PARKS: True, _BEGUN: begun}
        is_chunked = environ.pop("HTTP_TRANSFER_ENCODING", None) is not None
        announced = None if is_chunked else environ.get("CONTENT_LENGTH")
        if announced is not None or is_chunked or environ["SERVER_PROTOCOL"] == "HTTP/2":
            body = Incoming(receive, None if announced is None else int(announced))
            answer = await self._with_body(environ, body)
        elif environ["SERVER_PROTOCOL"] == "HTTP/1.0" and environ["REQUEST_METHOD"] == "POST":
            answer = self._turn_away(environ, LENGTH_REQUIRED)
        else:
            answer = await self._answer(environ, b"")
        while answer.until is not None:
            answer = await self._answer_after(answer.until, environ)
        await self._give(answer, receive, send)

    # --- Bodies ------------------------------------------------------------------------------

    async def _with_body(self, environ: Environ, body: Incoming) -> Answer:
        sort = self._limits.sort_of(environ["PATH_INFO"])
        try:
            answer = await self._answer_in_time(environ, body, sort)
        except Refused as trouble:
            refusal = trouble.refusal
            said = await self._answer_without(environ, refusal)
            answer = self._turn_away(environ, refusal) if said is None else said
        if not body.is_whole:
            if _EXPECT not in environ:
                await self._drain(body, sort.max_bytes)
            # What is left of the body is no request.
            answer.headers.append((b"connection", b"close"))
        return answer

    async def _answer_in_time(self, environ: Environ, body: Incoming, sort: Sort) -> Answer:
        """Raises Refused."""
        most, length = sort.max_bytes, body.announced or 0
        if length > most:
            raise Refused(too_large(most))
        ask_first = _EXPECT in environ or length > LARGE
        if ask_first and (answer := await self._answer_without(environ)):
            return answer
        async with AsyncExitStack() as held:
            # Of a body whose length nobody has announced, the room grows with it.
            for step in (SMALL, LARGE, most):
                until = min(step, most)
                if length > until or body.is_whole:
                    continue
                if until > SMALL:
                    await held.enter_async_context(self._room_for(length or until, sort))
                if answer := await self._read_or_ask(environ, body, until=until):
                    return answer
            if body.length > most:
                raise Refused(too_large(most))
            async with self._one_heavy_body if body.length > HEAVY else nullcontext():
                return await self._answer(environ, body.handed_over())

    @asynccontextmanager
    async def _room_for(self, count: int, sort: Sort) -> AsyncIterator[None]:
        """Raises Refused."""
        room = self._rooms.setdefault(sort, Room(sort.max_held))
        try:
            async with room.taken(count, seconds=self._limits.timeout):
                yield
        except NoRoom:
            raise Refused(too_many(self._limits.timeout)) from None

    async def _read_or_ask(self, environ: Environ, body: Incoming, *, until: int) -> Answer | None:
        """Read; if that takes long, ask meanwhile what the application says without the body."""
        limit = asyncio.timeout(self._limits.timeout)
        if ASKED in environ:
            await self._read(body, limit, until=until)
            return None
        meanwhile = Meanwhile(partial(self._answer_without, environ), limit)
        try:
            await self._read(body, limit, until=until)
        except Refused:
            if (answer := await meanwhile.answer()) is None:
                raise
            return answer
        return await meanwhile.answer()

    async def _read(self, body: Incoming, limit: asyncio.Timeout, *, until: int) -> None:
        """Until the body is whole, or longer than that. Raises Refused."""
        timeout, rate = self._limits.timeout, self._limits.min_rate
        begun, before = asyncio.get_running_loop().time(), body.length
        try:
            async with limit:
                while not body.is_whole and body.length <= until:
                    await body.take_in()
                    limit.reschedule(begun + timeout + (body.length - before) / rate)
        except TimeoutError:
            raise Refused(too_slow(timeout, rate)) from None
        except CutOff:
            raise Refused(cut_off(body.announced)) from None

    async def _drain(self, body: Incoming, most: int) -> None:
        begun, before = asyncio.get_running_loop().time(), body.length
        with suppress(CutOff, TimeoutError):
            async with asyncio.timeout(DRAINED) as limit:
                while not body.is_whole and body.length <= 2 * most:
                    await body.take_in()
                    body.handed_over()
                    more = (body.length - before) / self._limits.min_rate
                    limit.reschedule(begun + DRAINED + more)

    # --- The application -----------------------------------------------------------------------

    async def _answer(self, environ: Environ, body: bytes) -> Answer:
        environ["wsgi.input"] = BytesIO(body)
        if body or "CONTENT_LENGTH" in environ:
            environ["CONTENT_LENGTH"] = str(len(body))
        return await self._threads.run(self._call, environ)

    async def _answer_after(self, until: "Future[object]", environ: Environ) -> Answer:
        """What the application says once that is done. The body is held no longer."""
        environ |= {"wsgi.input": BytesIO(), KNOWN: until}
        await _done(until)
        return await self._threads.run(self._call, environ)

    async def _answer_without(
        self, environ: Environ, refusal: Refusal | None = None
    ) -> Answer | None:
        """What the application says without the body; None if it wants to read it, and there is no
        refusal of which it could make an answer."""
        length = environ.get("CONTENT_LENGTH") or "1"
        absent = {"wsgi.input": Absent(refusal), "CONTENT_LENGTH": length}
        try:
            return await self._threads.run(self._call, environ | absent)
        except BodyWanted:
            environ[ASKED] = True
            return None

    def _call(self, environ: Environ) -> Answer:
        head, tells = Head(), list[Tell]()
        environ[TELLS] = tells
        try:
            whole = self._application(environ, head)
        except BodyWanted:
            close_old_connections()
            raise
        except Parked as parked:
            close_old_connections()
            return Answer(0, [], b"", until=parked.until)
        pieces, close = iter(whole), getattr(whole, "close", lambda: None)
        piece, is_last = next_piece(pieces)
        if is_last:
            close()
            answer = Answer(head.status, head.headers, piece, tells=tells)
            answer.tell(head.status)
            return answer
        return Answer(head.status, head.headers, piece, pieces, close, tells=tells)

    # --- Answers -------------------------------------------------------------------------------

    def _turn_away(self, environ: Environ, refusal: Refusal) -> Answer:
        trace_id = continued_or_new(environ.get("HTTP_TRACEPARENT", ""))
        seconds = perf_counter() - environ[_BEGUN]
        self._note_turned_away(TurnedAway(environ["REQUEST_METHOD"], refusal, trace_id, seconds))
        return problem(refusal, trace_id)

    async def _give(self, answer: Answer, receive: Receive, send: Send) -> None:
        if answer.rest is None:
            await _begin(answer, send)
            await send({"type": "http.response.body", "body": answer.piece})
        elif self._long_answers >= self._limits.long_answers:
            refusal = too_many(self._limits.timeout)
            await self._threads.run(answer.close)
            await self._threads.run(answer.tell, refusal.status)
            trace_id = answer.trace_id or continued_or_new("")
            await self._give(problem(refusal, trace_id), receive, send)
        else:
            self._long_answers += 1
            gone = asyncio.ensure_future(_gone(receive))
            try:
                await self._threads.run(answer.tell, answer.status)
                await _begin(answer, send)
                await self._in_pieces(answer, answer.rest, gone, send)
            finally:
                self._long_answers -= 1
                gone.cancel()
                await self._threads.run(answer.close)

    async def _in_pieces(
        self, answer: Answer, rest: Iterator[bytes], gone: asyncio.Future[None], send: Send
    ) -> None:
        """As fast as they are taken, and no more once they are not."""
        piece, is_last = answer.piece, False
        with suppress(TimeoutError):
            while not gone.done():
                message = {"type": "http.response.body", "body": piece, "more_body": not is_last}
                async with asyncio.timeout(self._limits.timeout):
                    await send(message)
                if is_last:
                    return
                piece, is_last = await self._threads.run(_next_piece, rest)


def _next_piece(pieces: Iterator[bytes]) -> tuple[bytes, bool]:
    # Between two pieces no thread keeps a connection to the database.
    try:
        return next_piece(pieces)
    finally:
        close_old_connections()


async def _done(until: "Future[object]") -> None:
    """Whoever gives up waiting leaves it alone; asyncio.wrap_future would cancel it."""
    loop = asyncio.get_running_loop()
    done = asyncio.Event()
    until.add_done_callback(lambda _: loop.call_soon_threadsafe(done.set))
    await done.wait()


async def _begin(answer: Answer, send: Send) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})


async def _gone(receive: Receive) -> None:
    """Until the caller has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
