"""HTTP to addresses that senders give us, through the SSRF guard: where redirects lead, too."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp

from runtime.web.ssrf_guard import GuardedResolver, SsrfGuard

# Seconds: for each connection.
MAX_CONNECTING = 5.0
MAX_REDIRECTS = 3
REDIRECTS = frozenset({301, 302, 303, 307, 308})


@asynccontextmanager
async def guarded_session(
    guard: SsrfGuard, *, headers: Mapping[str, str]
) -> AsyncIterator[aiohttp.ClientSession]:
    """For calls that follow no redirect by themselves: each address is shown to the guard first.
    No cookies are kept, no proxy is taken from the environment, nothing is unpacked."""
    resolver = GuardedResolver(guard)
    try:
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=resolver, limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=headers,
            auto_decompress=False,
            trust_env=False,
            timeout=aiohttp.ClientTimeout(total=None, connect=MAX_CONNECTING),
        ) as session:
            yield session
    finally:
        await resolver.close()
