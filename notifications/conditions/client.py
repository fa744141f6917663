"""The send condition: asking a sender's endpoint whether an order should still be sent.

The endpoint answers with a JSON object whose `sendNotification` is true or false. Every other
answer leaves it in doubt, and says why.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from uuid import UUID

import aiohttp
import structlog
from django.conf import settings
from yarl import URL

from recipients.registers.tokens import TokenUnavailable, condition_check_token
from runtime.web import outgoing
from runtime.web.guarded_http import MAX_REDIRECTS, REDIRECTS, guarded_session
from runtime.web.ssrf_guard import Blocked, SsrfGuard
from runtime.web.url_as_written import joined_as_written, url_as_written

logger = structlog.get_logger(__name__)

MAX_CALL = timedelta(seconds=10)
"""For one endpoint, redirects included."""
MAX_ANSWER_BYTES = 65_536

_UNAUTHORIZED = 401
_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    # A GET has no content. But the product's documentation promises this header, so an endpoint may
    # ask for it: https://docs.altinn.studio/notifications/
    "Content-Type": "application/json",
    "User-Agent": outgoing.USER_AGENT,
}


class Verdict(Enum):
    MET = auto()
    NOT_MET = auto()
    IN_DOUBT = auto()


@dataclass(frozen=True, slots=True)
class Answer:
    """`reason` is a sentence on why it is in doubt. A blocked endpoint was not called; asking again
    would change nothing."""

    verdict: Verdict
    reason: str = ""
    blocked: bool = False


def ask(endpoints: Mapping[UUID, str], *, tell: Callable[[UUID, Answer], None]) -> None:
    """Ask for orders by id, each different endpoint once and all of them at once. Does not wait:
    `tell` is called for each order when its answer is there, MAX_CALL from now at the latest,
    on the loop for outgoing calls."""
    orders: dict[str, list[UUID]] = {}
    for order_id, endpoint in endpoints.items():
        orders.setdefault(endpoint, []).append(order_id)
    if orders:
        outgoing.start(_ask_all(orders, tell))


async def _ask_all(orders: Mapping[str, list[UUID]], tell: Callable[[UUID, Answer], None]) -> None:
    guard = SsrfGuard(
        settings.SEND_CONDITION_ALLOWED_HOSTS,
        allowed_ports=settings.SEND_CONDITION_ALLOWED_PORTS,
    )
    async with guarded_session(guard, headers=_HEADERS) as session:
        asking = _Asking(session, guard)

        async def ask_one(endpoint: str, order_ids: list[UUID]) -> None:
            answer = await asking.about(endpoint)
            for order_id in order_ids:
                tell(order_id, answer)

        await asyncio.gather(*(ask_one(*of_endpoint) for of_endpoint in orders.items()))


class _InDoubt(Exception):
    """The endpoint gave no answer that counts. The message is a sentence."""


class _Asking:
    """The calls of one round."""

    def __init__(self, session: aiohttp.ClientSession, guard: SsrfGuard) -> None:
        self._session = session
        self._guard = guard
        self._renewal: asyncio.Task[str] | None = None

    async def about(self, endpoint: str) -> Answer:
        """Raises nothing: whatever goes wrong is an answer in doubt."""
        seconds = MAX_CALL.total_seconds()
        try:
            async with asyncio.timeout(seconds):
                return Answer(await self._follow(endpoint))
        except Blocked as error:
            return Answer(Verdict.IN_DOUBT, str(error), blocked=True)
        except (_InDoubt, TokenUnavailable) as error:
            return Answer(Verdict.IN_DOUBT, str(error))
        except TimeoutError:
            return Answer(
                Verdict.IN_DOUBT,
                f"The condition endpoint did not answer within {seconds:g} seconds.",
            )
        except Exception as error:
            kind = type(error).__name__
            if not isinstance(error, aiohttp.ClientError | ValueError):
                logger.exception("Asking a condition endpoint failed")
            return Answer(Verdict.IN_DOUBT, f"The condition endpoint cannot be called ({kind}).")

    async def _follow(self, endpoint: str) -> Verdict:
        """Call, and go where the answer sends us."""
        url = first = url_as_written(endpoint)
        for _ in range(1 + MAX_REDIRECTS):
            self._guard.check(url)
            trusted = may_see_token(url, first=first)
            found = await self._call(url, token=await condition_check_token() if trusted else "")
            if isinstance(found, Verdict):
                return found
            url = found
        raise _InDoubt(f"The condition endpoint redirects more than {MAX_REDIRECTS} times.")

    async def _call(self, url: URL, *, token: str, again: bool = True) -> Verdict | URL:
        """The verdict, or where to ask instead."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with self._session.get(url, headers=headers, allow_redirects=False) as response:
            status = response.status
            if 200 <= status < 300:
                return _verdict(await _bounded(response))
            location = response.headers.get("Location", "")
        if status == _UNAUTHORIZED and token and again:
            return await self._call(url, token=await self._renewed(), again=False)
        if status in REDIRECTS and location:
            return joined_as_written(url, location)
        raise _InDoubt(f"The condition endpoint answered with status {status}.")

    async def _renewed(self) -> str:
        """A new token, once a round: endpoints that refuse any must not wear out the issuer."""
        if self._renewal is None:
            self._renewal = asyncio.create_task(condition_check_token(renew=True))
        return await asyncio.shield(self._renewal)


def may_see_token(url: URL, *, first: URL) -> bool:
    """Not where a redirect from `first` led to another host, nor over plain http, which anybody on
    the way can read; in development http is all there is."""
    is_private = url.scheme == "https" or settings.SEND_CONDITION_TOKEN_OVER_HTTP
    return is_private and url.raw_host == first.raw_host


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise _InDoubt("The condition endpoint's answer is too large.")
    return bytes(body)


def _verdict(body: bytes) -> Verdict:
    """The name must match in case, and the value be a boolean."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise _InDoubt("The condition endpoint's answer is not JSON.") from None
    match answer:
        case {"sendNotification": True}:
            return Verdict.MET
        case {"sendNotification": False}:
            return Verdict.NOT_MET
    raise _InDoubt("The condition endpoint's answer has no sendNotification of true or false.")
