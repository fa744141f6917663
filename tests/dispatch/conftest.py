"""Messages to send, and servers that misbehave on demand."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from dispatch.gateways.base import Message
from tests.dispatch.raw_server import Conversation, RawServer
from tests.recipients.local_server import LocalServer

NOTIFICATION_ID = UUID("0195d3a0-7c1e-7b0a-9f6e-3d1c2b4a5e6f")


@pytest.fixture(autouse=True)
def _fresh_transports(fresh_transports: None) -> None:
    """Everywhere below this folder."""


@pytest.fixture
def raw_server() -> Iterator[Callable[..., RawServer]]:
    """Starts servers with the given conversations, one for each connection."""
    running: list[RawServer] = []

    def start(*conversations: Conversation) -> RawServer:
        running.append(RawServer(*conversations))
        return running[-1]

    yield start
    for server in running:
        server.stop()


@pytest.fixture
def server() -> Iterator[LocalServer]:
    running = LocalServer()
    yield running
    running.stop()


def sms(body: str = "Hei", *, to: str = "+4799999999", sender: str = "Altinn") -> Message:
    return _message(to, sender=sender, subject="", body=body, content_type="Plain")


def mail(
    body: str = "Hei",
    *,
    to: str = "kari@example.com",
    sender: str = "noreply@altinn.cloud",
    subject: str = "Et brev",
    content_type: str = "Plain",
) -> Message:
    return _message(to, sender=sender, subject=subject, body=body, content_type=content_type)


def _message(address: str, *, sender: str, subject: str, body: str, content_type: str) -> Message:
    return Message(
        notification_id=NOTIFICATION_ID,
        creator_name="ttd",
        address=address,
        normalized_address=address,
        sender=sender,
        subject=subject,
        body=body,
        content_type=content_type,
        expires_at=datetime.now(UTC) + timedelta(hours=48),
    )
