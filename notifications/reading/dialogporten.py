"""Dialogporten, asked whether an end user may see a dialog.

https://docs.altinn.studio/dialogporten/reference/
"""

import asyncio
from uuid import UUID

import aiohttp
import structlog
from django.conf import settings

from runtime.web import outgoing
from runtime.web.outgoing_proxy import proxy_for

logger = structlog.get_logger(__name__)

_BOUNDED_BY_THE_CALLER = aiohttp.ClientTimeout(total=None)


def may_see(dialog_id: UUID, *, bearer_token: str) -> bool:
    """Whether Dialogporten shows the dialog to whoever has the token. Nothing but its plain yes is
    one: not its silence, not a redirect, which could lead the token elsewhere."""
    if not settings.DIALOGPORTEN_URL:
        return False
    try:
        status = outgoing.run(_ask(dialog_id, bearer_token))
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        logger.warning("Dialogporten does not answer", kind=type(error).__name__)
        return False
    if status >= 500:
        logger.warning("Dialogporten is in trouble", status=status)
    return 200 <= status < 300


async def _ask(dialog_id: UUID, bearer_token: str) -> int:
    url = f"{settings.DIALOGPORTEN_URL.rstrip('/')}/enduser/dialoglookup"
    async with (
        asyncio.timeout(settings.REGISTER_CALL_TIMEOUT),
        outgoing.session().get(
            url,
            params={"instanceRef": f"urn:altinn:dialog-id:{dialog_id}"},
            headers={"Authorization": f"Bearer {bearer_token}"},
            allow_redirects=False,
            timeout=_BOUNDED_BY_THE_CALLER,
            proxy=proxy_for(url),
        ) as response,
    ):
        return response.status
