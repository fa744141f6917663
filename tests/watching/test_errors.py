"""What is reported to Sentry says what broke and where, and nothing about anybody."""

import json
import logging
from collections.abc import Iterator

import pytest
import sentry_sdk
import structlog
from django.conf import LazySettings

from config.watching.begin import begin
from tests.watching.sink import Sink, sink

NUMBER, ADDRESS, TOKEN = "+4799999999", "kari@example.com", "eyJhbGciOiJSUzI1NiJ9.e30.c2ln"


@pytest.fixture
def reported(settings: LazySettings) -> Iterator[Sink]:
    with sink() as listening:
        settings.SENTRY_DSN = f"http://only-for-this-run@{listening.address}/1"
        begin()
        yield listening
        sentry_sdk.get_global_scope().set_client(None)


def fail(number: str) -> None:
    said = f"Key (address)=({ADDRESS}) exists"
    raise ValueError(said, number, {"Authorization": f"Bearer {TOKEN}"})


def test_an_error_is_reported_without_what_it_is_about(reported: Sink) -> None:
    sentry_sdk.set_user({"email": ADDRESS})
    sentry_sdk.set_tag("number", NUMBER)
    sentry_sdk.add_breadcrumb(message=f"sent to {NUMBER}")
    logger = logging.getLogger("dispatch.one")
    try:
        fail(NUMBER)
    except ValueError:
        logger.exception("To %s: %s", NUMBER, TOKEN, extra={"to": ADDRESS})
    structlog.get_logger("dispatch.one").error("An order cannot be expanded", to=ADDRESS)
    sentry_sdk.flush()
    told = b"".join(body for _, body in reported.posted).decode()
    assert "ValueError" in told
    assert '"function":"fail"' in told
    assert "An order cannot be expanded" in told
    for secret in (NUMBER, ADDRESS, TOKEN, "exists"):
        assert secret not in told
        assert json.dumps(secret) not in told
