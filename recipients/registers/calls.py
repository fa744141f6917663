"""One question to a register over HTTP, and long questions cut into several."""

import asyncio
import errno
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

import aiohttp
import structlog
from django.conf import settings

from recipients.registers import AnswerUnusable, RegisterUnavailable
from runtime.web import outgoing
from runtime.web.outgoing_proxy import proxy_for

Item = TypeVar("Item")
Answer = TypeVar("Answer")

logger = structlog.get_logger(__name__)

# Calls of one question that run at once.
CONCURRENT_CALLS = 8
# More bad items than this in one question, and it is the register that is out of order: nobody
# may be called unknown because of that.
MAX_REFUSED = 20
# The same of items for which there is no usable answer.
MAX_UNUSABLE = 5
MAX_ANSWER_BYTES = 33_554_432
_INTERNAL_ERROR = 500
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

    Raises QuestionRefused for 400, and RegisterUnavailable for anything but 200 with JSON: as
    AnswerUnusable where what was asked may be why.
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
    except outgoing.AnswerTooLarge:
        raise AnswerUnusable(register, "its answer is too large") from None
    except (aiohttp.ClientError, OSError) as error:
        raise RegisterUnavailable(register, f"the call failed ({type(error).__name__})") from error
    if status == 400:
        raise QuestionRefused
    if status == _INTERNAL_ERROR:
        raise AnswerUnusable(register, f"it answered with status {status}")
    if status != 200:
        raise RegisterUnavailable(register, f"it answered with status {status}")
    try:
        return json.loads(answer)
    except (ValueError, RecursionError):
        # The decoder's message is left out of the trace: it holds the answer.
        raise AnswerUnusable(register, "it answered with something other than JSON") from None


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
        return response.status, await outgoing.bounded(response, most=MAX_ANSWER_BYTES)


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
    identifier: Callable[[Item], str] = str,
) -> list[Answer]:
    """The answers to batches of at most `size` distinct items, CONCURRENT_CALLS at a time.

    A register refuses a whole batch for one item it dislikes. Such a batch is halved until the
    bad item is alone; it is then left out of the answers, and logged as `masked` shows it. One
    that it cannot answer usably is halved as well, to find whom that is about.

    Raises RegisterUnavailable: when more than MAX_REFUSED items are refused, for nobody can be
    called unknown then; and when there is no usable answer for some, about these by `identifier`
    if they are MAX_UNUSABLE at most.
    """
    distinct = list(dict.fromkeys(items))
    asking = _Asking(register=register, ask=ask, masked=masked, identifier=identifier)
    batches = [distinct[start : start + size] for start in range(0, len(distinct), size)]
    found = await asking.answers_for_all(batches)
    if asking.unusable is not None:
        raise RegisterUnavailable(register, asking.unusable.reason, about=asking.not_answered)
    return found


class _Asking(Generic[Item, Answer]):
    """One question while it is cut into several."""

    def __init__(
        self,
        *,
        register: str,
        ask: Callable[[Sequence[Item]], Awaitable[Answer]],
        masked: Callable[[Item], str],
        identifier: Callable[[Item], str],
    ) -> None:
        self.not_answered: set[str] = set()
        self.unusable: AnswerUnusable | None = None
        self._register = register
        self._ask = ask
        self._masked = masked
        self._identifier = identifier
        self._turn = asyncio.Semaphore(CONCURRENT_CALLS)
        self._refused = 0

    async def answers_for_all(self, batches: Sequence[Sequence[Item]]) -> list[Answer]:
        if len(batches) == 1:
            return await self._answers_for(batches[0])
        async with outgoing.together() as group:
            tasks = [group.create_task(self._answers_for(batch)) for batch in batches]
        return [answer for task in tasks for answer in task.result()]

    async def _answers_for(self, batch: Sequence[Item]) -> list[Answer]:
        try:
            async with self._turn:
                return [await self._ask(batch)]
        except QuestionRefused:
            if len(batch) == 1:
                self._refuse(batch[0])
                return []
            return await self.answers_for_all(_halves(batch))
        except AnswerUnusable as error:
            if len(batch) == 1:
                self._leave_out(batch[0], error)
                return []
        # One half after the other: a register that is out of order altogether is soon known.
        return [answer for half in _halves(batch) for answer in await self._answers_for(half)]

    def _refuse(self, item: Item) -> None:
        self._refused += 1
        if self._refused > MAX_REFUSED:
            reason = f"it refused more than {MAX_REFUSED} questions"
            raise RegisterUnavailable(self._register, reason) from None
        logger.warning("refused by a register", register=self._register, item=self._masked(item))

    def _leave_out(self, item: Item, error: AnswerUnusable) -> None:
        self.unusable = error
        self.not_answered.add(self._identifier(item))
        if len(self.not_answered) > MAX_UNUSABLE:
            raise RegisterUnavailable(self._register, error.reason) from None
        logger.warning(
            "not answered usably by a register",
            register=self._register,
            item=self._masked(item),
            reason=error.reason,
        )


def _halves(batch: Sequence[Item]) -> list[Sequence[Item]]:
    middle = len(batch) // 2
    return [batch[:middle], batch[middle:]]


def masked_identifier(identifier: str) -> str:
    """Enough of an identifier to find it again, too little to read it."""
    return f"{identifier[:6]}*****"
