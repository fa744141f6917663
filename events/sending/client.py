"""One call of an endpoint: signed, through the SSRF guard, and bounded in time and size."""

import asyncio
import time
from dataclasses import dataclass
from enum import Enum, auto

import aiohttp
import structlog
from django.conf import settings
from yarl import URL

from events import signing
from events.sending.claims import Claimed
from runtime import clock
from runtime.web import outgoing
from runtime.web.ssrf_guard import Blocked, SsrfGuard
from runtime.web.url_as_written import url_as_written

logger = structlog.get_logger(__name__)

MAX_CALL = 10.0
"""Seconds, from the look-up of the name to the end of the answer."""
MAX_ANSWER_BYTES = 16_384
"""An answer's content says nothing to us: it is read so that the connection can be kept, and if it
is longer, the connection is closed."""

_GONE = 410
HEADERS = {"Content-Type": "application/json", "User-Agent": outgoing.USER_AGENT}


class Verdict(Enum):
    DELIVERED = auto()
    FAILED = auto()
    GONE = auto()


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a try. `status` is that of the answer, if there was one."""

    verdict: Verdict
    milliseconds: int
    status: int | None = None
    reason: str = ""


def guard() -> SsrfGuard:
    return SsrfGuard(
        settings.WEBHOOK_ALLOWED_HOSTS,
        allowed_ports=settings.WEBHOOK_ALLOWED_PORTS,
        called="The endpoint",
    )


def check(endpoint: str, by: SsrfGuard) -> URL:
    """The address to call. Raises Blocked where it may not be, or ValueError where it is none."""
    url = url_as_written(endpoint)
    by.check(url)
    if url.scheme != "https" and not by.allows(url.raw_host or ""):
        raise Blocked("The endpoint is no https address.")
    return url


async def call(claimed: Claimed, session: aiohttp.ClientSession, by: SsrfGuard) -> Answer:
    """Raises nothing: whatever goes wrong is a failed try. No redirect is followed."""
    begun = time.monotonic()
    status: int | None = None
    try:
        url = check(claimed.endpoint, by)
        body = claimed.event.body()
        headers = _signed(claimed, body)
        async with (
            asyncio.timeout(MAX_CALL),
            session.post(url, data=body.encode(), headers=headers, allow_redirects=False) as answer,
        ):
            status = answer.status
            if not await _is_short(answer):
                answer.close()
        reason = "" if 200 <= status < 300 else f"The endpoint answered with status {status}."
    except Blocked as error:
        reason = str(error)
    except TimeoutError:
        reason = f"The endpoint did not answer within {MAX_CALL:g} seconds."
    except (signing.NoKeys, signing.WrongKeys) as error:
        logger.error("An event cannot be signed", reason=str(error))
        reason = "The event cannot be signed at this moment."
    except Exception as error:
        if not isinstance(error, aiohttp.ClientError | ValueError | OSError):
            logger.exception("Calling a webhook failed")
        reason = _in_words(error)
    milliseconds = round((time.monotonic() - begun) * 1000)
    return Answer(_verdict(status, reason), milliseconds, status, reason)


def _verdict(status: int | None, reason: str) -> Verdict:
    if not reason:
        return Verdict.DELIVERED
    return Verdict.GONE if status == _GONE else Verdict.FAILED


def _signed(claimed: Claimed, body: str) -> dict[str, str]:
    """Anew for each try: receivers refuse a time stamp of more than some minutes ago."""
    at, message_id = clock.now(), str(claimed.delivery_id)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signing.signature(
            claimed.opened_secrets(), message_id=message_id, at=at, body=body
        ),
    }


async def _is_short(answer: aiohttp.ClientResponse) -> bool:
    """Reads it to its end, if that comes soon."""
    left = MAX_ANSWER_BYTES
    async for piece in answer.content.iter_any():
        left -= len(piece)
        if left < 0:
            return False
    return True


def _in_words(error: Exception) -> str:
    """By its kind: what others say may be long, or quote what it should not."""
    cause = error.__cause__ or getattr(error, "os_error", None)
    if isinstance(cause, Blocked):
        return str(cause)
    match error:
        case aiohttp.ClientSSLError():
            return "The endpoint's certificate was not accepted, or TLS failed otherwise."
        case aiohttp.ClientConnectorDNSError():
            return "The endpoint's host name was not found."
        case aiohttp.ClientConnectorError():
            return "The endpoint cannot be connected to."
    return f"The endpoint cannot be called ({type(error).__name__})."
