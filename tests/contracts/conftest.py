"""The running service, and those who sign tokens for it."""

from collections.abc import Iterator

import pytest

from script.launcher.system.running_system import RunningSystem
from script.launcher.system.simulators import Simulators
from tests.config.key_server import KeyServer, key_server
from tests.contracts.live_web import live_web
from tests.contracts.service import Service
from tests.contracts.tokens import COMPOSE_SCOPE, CREATE_SCOPE, EVENTS_SCOPE, Cast

__all__ = ["cast", "composer", "live_web", "published_keys", "registers", "service"]


@pytest.fixture(scope="session")
def cast() -> Cast:
    """Who signs tokens. The service trusts nobody else, but for its development key."""
    return Cast.with_new_keys()


@pytest.fixture(scope="session")
def published_keys() -> Iterator[KeyServer]:
    """Where the issuers publish their keys."""
    with key_server() as running:
        yield running


@pytest.fixture
def service(live_web: RunningSystem, cast: Cast) -> Service:
    return Service(port=live_web.port, token=cast.bearer())


@pytest.fixture
def composer(live_web: RunningSystem, cast: Cast) -> Service:
    """The same for a service owner that may send e-mails with attachments and
    have webhooks, too."""
    token = cast.bearer(urn__altinn__scope=f"{CREATE_SCOPE} {COMPOSE_SCOPE} {EVENTS_SCOPE}")
    return Service(port=live_web.port, token=token)


@pytest.fixture
def registers(live_web: RunningSystem) -> Iterator[Simulators]:
    """The world around the running service, without messages of earlier tests, and at peace again
    after the test."""
    live_web.outside.reset()
    yield live_web.outside
    live_web.outside.reset()
