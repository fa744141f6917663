"""One POST to an SMS gateway over kept connections, and what it means when no answer comes.

What is known then decides whether a message may go twice:

* The connection could not be made: nothing was sent, and it is safe to try again.
* The connection was lost, or time ran out, after the request was handed to it: unknown. That holds
  for a kept connection too which the gateway closed at that very moment. It may have closed it
  before reading, but from here that looks the same as closing it after reading, so nothing is
  repeated behind the caller's back. A close that has reached us before the request leaves costs
  nothing: the pool drops that connection and opens another.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
from yarl import URL

from dispatch.gateways.base import Evidence, Outcome
from dispatch.gateways.http_status import meaning_of_status
from runtime import clock
from runtime.web import outgoing
from runtime.web.outgoing_proxy import proxy_for

MAX_ANSWER = 65_536
# For the body behind a status that says no. Seconds.
MAX_EXPLANATION = 2.0
TIMEOUT = aiohttp.ClientTimeout(total=30, connect=5)
# The last is a proxy that opens no tunnel.
_NEVER_LEFT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is cut where no honest one would end; what is left of it cannot be read then."""

    status: int
    body: bytes
    retry_after: str | None = None

    def meaning(self, words: str = "") -> Outcome:
        """What its status says of the message, where it is no success."""
        return meaning_of_status(
            self.status,
            of="The SMS gateway",
            retry_after=self.retry_after,
            now=clock.now(),
            words=words,
        )


async def post(
    url: URL,
    body: bytes,
    *,
    headers: Mapping[str, str],
    timeout: aiohttp.ClientTimeout = TIMEOUT,
) -> Answer | Outcome:
    """The answer, whatever its status; an outcome where there is none. Raises nothing but
    CancelledError."""
    try:
        # As many connections as messages in flight: none waits in a queue for one.
        async with outgoing.session(connections_per_host=0).post(
            url,
            data=body,
            headers=headers,
            timeout=timeout,
            allow_redirects=False,
            proxy=proxy_for(url),
        ) as response:
            if response.status == 200:
                return Answer(response.status, await _bounded(response))
            body = await _explanation(response)
            return Answer(response.status, body, response.headers.get("Retry-After"))
    except _NEVER_LEFT as error:
        return Outcome.channel_error(
            f"The SMS gateway cannot be reached ({type(error).__name__}).", Evidence.CONNECTION
        )
    except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
        return Outcome.refused(
            "The SMS gateway's address in the settings is no http address.", Evidence.CONNECTION
        )
    except TimeoutError:
        return Outcome.unknown(
            f"The SMS gateway did not answer within {timeout.total or 0:g} seconds."
        )
    except (aiohttp.ClientError, OSError) as error:
        return Outcome.unknown(
            f"The connection to the SMS gateway was lost ({type(error).__name__})."
        )


async def _explanation(response: aiohttp.ClientResponse) -> bytes:
    """Whatever becomes of it, the status has been said."""
    try:
        async with asyncio.timeout(MAX_EXPLANATION):
            return await _bounded(response)
    except (aiohttp.ClientError, OSError):
        return b""


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    answer = bytearray()
    async for chunk in response.content.iter_any():
        answer += chunk
        if len(answer) > MAX_ANSWER:
            break
    return bytes(answer)
