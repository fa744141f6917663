"""An SMTP transport, and the servers that it may meet."""

import socket
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from pytest_django import Settings

from dispatch.gateways.email.transport import Email
from tests.dispatch.gateways.email.smtp.servers import Inbox, Script, Servers
from tests.dispatch.raw_server import RawServer


@pytest.fixture(autouse=True)
def smtp_settings(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_TIMEOUT = 5.0
    settings.EMAIL_REPORTS_FROM = ""
    settings.DEFAULT_EMAIL_FROM = "noreply@altinn.cloud"


@pytest.fixture
def transport() -> Email:
    """With one thread, so that mails share a connection."""
    return Email(default_sender="noreply@altinn.cloud", max_in_flight=1, reports_delivery=False)


@pytest.fixture
def inbox(settings: Settings) -> Iterator[Inbox]:
    yield from _listening(settings, smtputf8=True)


@pytest.fixture
def ascii_inbox(settings: Settings) -> Iterator[Inbox]:
    yield from _listening(settings, smtputf8=False)


def _listening(settings: Settings, *, smtputf8: bool) -> Iterator[Inbox]:
    received = Inbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = probe.getsockname()[1]
    controller = Controller(
        received, hostname="127.0.0.1", port=settings.EMAIL_PORT, enable_SMTPUTF8=smtputf8
    )
    controller.start()
    yield received
    controller.stop()


@pytest.fixture
def mail_server(raw_server: Servers, settings: Settings) -> Servers:
    def start(*scripts: Script) -> RawServer:
        server = raw_server(*scripts)
        settings.EMAIL_PORT = server.port
        return server

    return start
