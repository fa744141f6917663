"""Instant requests, and senders that begin with the test."""

import asyncio
import threading
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.conf import LazySettings

from dispatch.instant.sender import instant_sender_for
from orders.models import Channel, OrderType, SendingTimePolicy
from orders.requests import EmailText, InstantOrderRequest, SmsText
from tests.building import direct, request
from tests.dispatch.raw_server import RawServer

TTL = timedelta(seconds=300)


@pytest.fixture(autouse=True)
def _fresh_senders(fresh_transports: None, settings: LazySettings) -> Iterator[None]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    instant_sender_for.cache_clear()
    yield
    instant_sender_for.cache_clear()


def password(
    key: str = "login-1", *, to: str = "+4799999999", ttl: timedelta = TTL, body: str = "1234"
) -> InstantOrderRequest:
    """A one-time password by SMS."""
    order = request(
        Channel.SMS,
        [direct(mobile=to)],
        sms=SmsText(body=body, policy=SendingTimePolicy.ANYTIME),
        type=OrderType.INSTANT,
        senders_reference="ref-1",
    )
    return InstantOrderRequest(key, order, ttl)


def letter(key: str = "login-1", *, to: str = "kari@example.com") -> InstantOrderRequest:
    """The same by e-mail."""
    order = request(
        Channel.EMAIL,
        [direct(email=to)],
        email=EmailText(subject="Kode", body="1234"),
        type=OrderType.INSTANT,
    )
    return InstantOrderRequest(key, order)


class Gateway:
    """Answers nothing until it is told to `go_on`; keeps what it is sent."""

    def __init__(self, answer: str) -> None:
        self.requests: list[bytes] = []
        self.go_on = threading.Event()
        self._answer = answer.encode()

    async def __call__(self, reader: StreamReader, writer: StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
            self.requests.append(await reader.readexactly(length))
            while not self.go_on.is_set():
                await asyncio.sleep(0.01)
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(self._answer) + self._answer
            )
            await writer.drain()


TAKEN = (
    "<SESSION><LOGON>OK</LOGON><MSGLST><MSG><ID>1</ID><REF>reference-1</REF><STATUS>OK</STATUS>"
    "</MSG></MSGLST></SESSION>"
)
LOG_IN_REFUSED = "<SESSION><LOGON>FAIL</LOGON><REASON>Who are you?</REASON></SESSION>"

MakeGateway = Callable[[str], Gateway]


@pytest.fixture
def gateway(settings: LazySettings) -> Iterator[MakeGateway]:
    """Starts a gateway with this answer, to which the settings then point."""
    running: list[RawServer] = []

    def start(answer: str) -> Gateway:
        conversation = Gateway(answer)
        running.append(RawServer(conversation))
        settings.SMS_GATEWAY_URL = f"http://127.0.0.1:{running[-1].port}/"
        return conversation

    yield start
    for server in running:
        server.stop()
