"""One question to a register over HTTP, and long questions cut into several."""

import asyncio
import errno
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import aiohttp
import structlog
from django.conf import settings

from recipients.registers import RegisterUnavailable
from runtime import outgoing
from runtime.outgoing_proxy import proxy_for

Item = TypeVar("Item")
Answer = TypeVar("Answer")

logger = structlog.get_logger(__name__)

# Calls of one question that run at once.
CONCURRENT_CALLS = 8
# More bad items than this in one question, and it is the register that is out of order: nobody
# may be called unknown because of that.
MAX_REFUSED = 20
_BOUNDED_BY_THE_CALLER = aiohttp.ClientTimeout(total=None)


class QuestionRefused(Exception):
    """The register found the question itself wrong (400): asking again would not help."""


async def post(
    *,
    register: str,
    base_url: str,
    path: str,
    body: object,
    headers: Mapping[str, str] | None = None,
) -> object:
    """Ask, and return the JSON of the answer, whatever its shape.

    A question changes nothing, so it is asked once more when the connection is lost: the register
    may have closed a kept one just then. Both tries share REGISTER_CALL_TIMEOUT seconds.

    Raises QuestionRefused for 400, and RegisterUnavailable for anything but 200 with JSON.
    """
    url = f"{base_url.rstrip('/')}/{path}"
    limit = settings.REGISTER_CALL_TIMEOUT
    try:
        async with asyncio.timeout(limit):
            try:
                status, answer = await _exchange(url, body=body, headers=headers)
            except aiohttp.ClientConnectionError as error:
                if not _was_lost(error):
                    raise
                status, answer = await _exchange(url, body=body, headers=headers)
    except TimeoutError as error:
        raise RegisterUnavailable(register, f"no answer within {limit:g} seconds") from error
    except (aiohttp.ClientError, OSError) as error:
        raise RegisterUnavailable(register, f"the call failed ({type(error).__name__})") from error
    if status == 400:
        raise QuestionRefused
    if status != 200:
        raise RegisterUnavailable(register, f"it answered with status {status}")
    try:
        return json.loads(answer)
    except (ValueError, RecursionError):
        # The decoder's message is left out of the trace: it holds the answer.
        raise RegisterUnavailable(register, "it answered with something other than JSON") from None


async def _exchange(
    url: str, *, body: object, headers: Mapping[str, str] | None
) -> tuple[int, bytes]:
    async with outgoing.session().post(
        url,
        json=body,
        headers=headers,
        allow_redirects=False,
        timeout=_BOUNDED_BY_THE_CALLER,
        proxy=proxy_for(url),
    ) as response:
        return response.status, await response.read()


def _was_lost(error: aiohttp.ClientConnectionError) -> bool:
    if isinstance(error, aiohttp.ServerDisconnectedError | ConnectionResetError):
        return True
    return isinstance(error, OSError) and error.errno in (errno.ECONNRESET, errno.EPIPE)


async def ask_in_batches(
    items: Iterable[Item],
    *,
    register: str,
    size: int,
    ask: Callable[[Sequence[Item]], Awaitable[Answer]],
    masked: Callable[[Item], str],
) -> list[Answer]:
    """The answers to batches of at most `size` distinct items, CONCURRENT_CALLS at a time.

    A register refuses a whole batch for one item it dislikes. Such a batch is halved until the
    bad item is alone; it is then left out of the answers, and logged as `masked` shows it.

    Raises RegisterUnavailable when more than MAX_REFUSED items are refused.
    """
    distinct = list(dict.fromkeys(items))
    turn = asyncio.Semaphore(CONCURRENT_CALLS)
    refused: list[Item] = []

    async def answers_for(batch: Sequence[Item]) -> list[Answer]:
        try:
            async with turn:
                return [await ask(batch)]
        except QuestionRefused:
            if len(batch) == 1:
                refused.extend(batch)
                if len(refused) > MAX_REFUSED:
                    reason = f"it refused more than {MAX_REFUSED} questions"
                    raise RegisterUnavailable(register, reason) from None
                logger.warning("refused by a register", register=register, item=masked(batch[0]))
                return []
        middle = len(batch) // 2
        return await answers_for_all([batch[:middle], batch[middle:]])

    async def answers_for_all(batches: list[Sequence[Item]]) -> list[Answer]:
        if len(batches) == 1:
            return await answers_for(batches[0])
        async with outgoing.together() as group:
            tasks = [group.create_task(answers_for(batch)) for batch in batches]
        return [answer for task in tasks for answer in task.result()]

    return await answers_for_all(
        [distinct[start : start + size] for start in range(0, len(distinct), size)]
    )


def masked_identifier(identifier: str) -> str:
    """Enough of an identifier to find it again, too little to read it."""
    return f"{identifier[:6]}*****"
