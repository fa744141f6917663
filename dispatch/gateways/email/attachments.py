"""Fetches the attachments of an e-mail from where its sender keeps them.

Each try to send the e-mail fetches them anew. The links are secrets: none of them stands in a
reason or in the log, nor do the words of whoever refuses one.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp
from django.conf import settings
from yarl import URL

from dispatch.gateways.base import Attachment, Evidence, Outcome
from notifications.models import NotificationStatus
from orders import sas_links
from runtime.web import outgoing
from runtime.web.guarded_http import MAX_REDIRECTS, REDIRECTS, guarded_session
from runtime.web.ssrf_guard import Blocked, SsrfGuard
from runtime.web.url_as_written import joined_as_written, url_as_written

S = NotificationStatus

# Seconds: for a file, its body included, and for all files of one e-mail.
MAX_FETCH = 30.0
MAX_FETCHING = 150.0
MAX_FILES = 5
HTTPS_PORT = 443

_HEADERS = {"Accept-Encoding": "identity", "User-Agent": outgoing.USER_AGENT}
# What may pass; any other refusal is one for good.
_PASSING = frozenset({408, 429})


@dataclass(frozen=True, slots=True)
class File:
    """An attachment as it goes out, under its sender's name and type for it."""

    name: str
    mime_type: str
    content: bytes


class CannotFetch(Exception):
    """The e-mail cannot be sent, this time or ever: `outcome` says which, and why."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


async def fetch(attachments: Sequence[Attachment]) -> list[File]:
    """All of them, in their order. The first that fails stops the others. Raises CannotFetch."""
    guard = SsrfGuard(
        settings.ATTACHMENT_ALLOWED_HOSTS, allowed_ports=[HTTPS_PORT], called="The link"
    )
    try:
        async with (
            asyncio.timeout(MAX_FETCHING),
            guarded_session(guard, headers=_HEADERS) as session,
        ):
            fetching = _Fetching(session, guard)
            async with outgoing.together() as group:
                files = [
                    group.create_task(fetching.file(one, number=number))
                    for number, one in enumerate(attachments, start=1)
                ]
            return [file.result() for file in files]
    except TimeoutError:
        reason = f"The attachments were not there after {MAX_FETCHING:g} seconds."
        raise CannotFetch(_later(reason)) from None


class _Fetching:
    """The files of one e-mail. `left` is how many more bytes they may have together."""

    def __init__(self, session: aiohttp.ClientSession, guard: SsrfGuard) -> None:
        self._session = session
        self._guard = guard
        self._places = asyncio.Semaphore(MAX_FILES)
        self._left: int = settings.MAX_ATTACHMENTS_BYTES

    async def file(self, attachment: Attachment, *, number: int) -> File:
        """Raises CannotFetch. What comes from outside is left out: it may quote the link."""
        which = f"Attachment {number}"
        try:
            async with self._places, asyncio.timeout(MAX_FETCH):
                content = await self._follow(attachment.link)
        except _Refused as refused:
            raise CannotFetch(refused.outcome(which)) from None
        except Blocked as blocked:
            raise CannotFetch(_never(f"{which} is not fetched: {blocked}")) from None
        except TimeoutError:
            reason = f"{which}: the store did not send it within {MAX_FETCH:g} seconds."
            raise CannotFetch(_later(reason)) from None
        except ValueError:  # aiohttp's InvalidURL is one, too
            raise CannotFetch(_never(f"{which}: the link cannot be read.")) from None
        except Exception as error:  # nothing of it may reach the log
            reason = f"{which}: the store cannot be reached ({type(error).__name__})."
            raise CannotFetch(_later(reason)) from None
        return File(attachment.filename, attachment.mime_type, content)

    async def _follow(self, link: str) -> bytes:
        url = url_as_written(link)
        for _ in range(1 + MAX_REDIRECTS):
            self._check(url)
            found = await self._get(url)
            if isinstance(found, bytes):
                return found
            url = found
        raise _Refused(f"the store redirects more than {MAX_REDIRECTS} times")

    def _check(self, url: URL) -> None:
        """Each redirect has to lead to a store, too. Raises Blocked."""
        self._guard.check(url)
        host = url.raw_host or ""
        if not sas_links.is_store(host):
            raise Blocked("It does not lead to a store that files are fetched from.")
        if url.scheme != "https" and not sas_links.is_allowed(host):
            raise Blocked("It does not lead to an https address.")

    async def _get(self, url: URL) -> bytes | URL:
        """The content, or where to fetch it instead."""
        async with self._session.get(url, allow_redirects=False) as response:
            status = response.status
            if 200 <= status < 300:
                return await self._read(response)
            location = response.headers.get("Location", "")
        if status in REDIRECTS and location:
            return joined_as_written(url, location)
        may_pass = status >= 500 or status in _PASSING
        raise _Refused(f"the store answered with status {status}", may_pass=may_pass)

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        """No more of it than may be sent, whatever the answer says of its length."""
        most: int = settings.MAX_ATTACHMENT_BYTES
        if (response.content_length or 0) > min(most, self._left):
            raise _TooLarge
        content = bytearray()
        async for piece in response.content.iter_any():
            content += piece
            self._left -= len(piece)
            if len(content) > most or self._left < 0:
                raise _TooLarge
        return bytes(content)


class _Refused(Exception):
    """There is no file; the message is the rest of a sentence."""

    def __init__(self, why: str, *, may_pass: bool = False) -> None:
        super().__init__(why)
        self.may_pass = may_pass

    def outcome(self, which: str) -> Outcome:
        reason = f"{which}: {self}."
        return _later(reason) if self.may_pass else _never(reason)


class _TooLarge(_Refused):
    def __init__(self) -> None:
        super().__init__("the files are larger than may be attached")

    def outcome(self, which: str) -> Outcome:
        return Outcome.unwritable(f"{which}: {self}.", S.FAILED_PAYLOAD_TOO_LARGE)


def _later(reason: str) -> Outcome:
    return Outcome.retry(reason, evidence=Evidence.NONE)


def _never(reason: str) -> Outcome:
    return Outcome.unwritable(reason, S.FAILED_INVALID_SAS_URL)
